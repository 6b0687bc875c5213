// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {StateCommitFixture} from "./helpers/StateCommitFixture.sol";
import {IStateCommitRegistry} from "../../contracts/interfaces/IStateCommitRegistry.sol";
import {CertificateFault} from "../../contracts/types/CertificateFault.sol";
import {StateCommit} from "../../contracts/types/StateCommit.sol";
import {StateRoot} from "../../contracts/types/StateRoot.sol";

contract StateCommitQuorumTest is StateCommitFixture {
    // -- Quorum --

    function test_commitStateRoot_faultyCertificate_namesEveryFault() public {
        StateCommit memory commit = _next(_registry);
        for (uint8 i = 1; i <= uint8(type(CertificateFault).max); ++i) {
            // Weights that would do, had the certificate no fault.
            _verifier.answer(CertificateFault(i), 3, 3);
            _assertRejected(commit, _rejected(CertificateFault(i)));
        }
    }

    function test_BLS13_commitStateRoot_signedWeightAtTheThreshold() public {
        StateCommit memory commit = _next(_registry);
        // 6,700 bps of 10,001 are 6,700.67: neither 6,700 nor a rounded 6,700 is enough.
        _verifier.answer(CertificateFault.None, 6_700, 10_001);
        _assertRejected(commit, _insufficient(6_700, 10_001));
        _verifier.answer(CertificateFault.None, 66_999_999, 100_000_000);
        _assertRejected(commit, _insufficient(66_999_999, 100_000_000));
        _verifier.answer(CertificateFault.None, 67_000_000, 100_000_000);
        _registry.commitStateRoot(commit, "");
        assertEq(_registry.getSequenceNo(), 1, "exactly the threshold");
    }

    function test_BLS14_commitStateRoot_zeroTotalWeight_reverts() public {
        _verifier.answer(CertificateFault.None, 0, 0);
        _assertRejected(_next(_registry), _insufficient(0, 0));
    }

    function testFuzz_BLS13_commitStateRoot_acceptedIffQuorum(uint128 signed, uint128 total) public {
        _verifier.answer(CertificateFault.None, signed, total);
        StateCommit memory commit = _next(_registry);
        bool isEnough = total > 0 && uint256(signed) * 10_000 >= uint256(total) * QUORUM_BPS;
        if (!isEnough) {
            _assertRejected(commit, _insufficient(signed, total));
            return;
        }
        _registry.commitStateRoot(commit, "");
        assertEq(_registry.getSequenceNo(), 1, "accepted");
    }

    // -- Ring --

    function test_SEQ17_stateRootAt_beforeTheFirst_reverts() public {
        (uint64 oldest, uint64 newest) = _registry.retainedRange();
        assertTrue(oldest == 0 && newest == 0, "empty range");
        for (uint64 n = 0; n < 2; ++n) _assertNotRetained(n, 0, 0);
    }

    function test_SEQ17_stateRootAt_aroundTheRing_neverAnotherCommitsRoot() public {
        _commitTimes(719);
        _assertRange(1, 719);
        _commitTimes(1);
        _assertRange(1, 720);
        _commitTimes(1);
        _assertRange(2, 721);
        _commitTimes(30);
        _assertRange(32, 751);
    }

    function _assertRange(uint64 oldest, uint64 newest) private {
        (uint64 gotOldest, uint64 gotNewest) = _registry.retainedRange();
        assertEq(gotOldest, oldest, "oldest");
        assertEq(gotNewest, newest, "newest");
        for (uint64 n = oldest; n <= newest; ++n) {
            assertEq(StateRoot.unwrap(_registry.stateRootAt(n)), StateRoot.unwrap(_root(n)), "root");
        }
        _assertNotRetained(oldest - 1, oldest, newest);
        _assertNotRetained(newest + 1, oldest, newest);
        _assertNotRetained(newest + 720, oldest, newest);
        _assertNotRetained(0, oldest, newest);
        _assertNotRetained(type(uint64).max, oldest, newest);
    }

    function _assertNotRetained(uint64 n, uint64 oldest, uint64 newest) private {
        assertTrue(_registry.tryStateRootAt(n).isZero(), "zero");
        vm.expectRevert(
            abi.encodeWithSelector(IStateCommitRegistry.RootNotRetained.selector, n, oldest, newest)
        );
        _registry.stateRootAt(n);
    }
}
