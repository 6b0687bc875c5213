// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ScaledKeys} from "./invariant/ScaledKeys.sol";
import {VoteFixture} from "./helpers/VoteFixture.sol";
import {BlsQuorumVerifier} from "../../contracts/BlsQuorumVerifier.sol";
import {IOperatorSetRegistry} from "../../contracts/interfaces/IOperatorSetRegistry.sol";
import {IQuorumVerifier} from "../../contracts/interfaces/IQuorumVerifier.sol";
import {CommitMessage} from "../../contracts/libraries/CommitMessage.sol";
import {G1Point} from "../../contracts/types/Bn254Points.sol";
import {Verdict} from "../../contracts/types/Challenge.sol";

/// @dev The histories of HonestSigners.t.sol with nothing but real parts: keys that were proven, epochs that a verifier was
///      told of, and certificates that operators signed. One honest and one dishonest history in each run.
contract HonestCertificatesTest is VoteFixture {
    function _makeVerifier() internal override returns (IQuorumVerifier) {
        BlsQuorumVerifier verifier = new BlsQuorumVerifier(IOperatorSetRegistry(address(_sets)));
        _sets.addEpochSink(verifier);
        return verifier;
    }

    /// @dev Secrets add up to the bits of the signers.
    function _sign(
        bytes32[] memory digests,
        uint32 epoch,
        uint256 signers
    ) internal view override returns (bytes memory) {
        bytes memory hints;
        G1Point memory sum;
        for (uint256 i = 0; i < digests.length; ++i) {
            ScaledKeys.Hashed memory hashed = _keys.hashToG1(CommitMessage.quorumMessage(epoch, digests[i]));
            hints = abi.encodePacked(hints, hashed.counter, hashed.point.y);
            sum = i == 0 ? hashed.point : _keys.add(sum, hashed.point);
        }
        bytes memory nonSigners;
        for (uint256 i = 0; i < OPERATORS; ++i) {
            if (signers & (1 << i) == 0) nonSigners = bytes.concat(nonSigners, bytes1(uint8(i)));
        }
        return
            abi.encodePacked(
                epoch,
                hints,
                abi.encode(_keys.scale(sum, signers)),
                abi.encode(_keys.keyG2(signers)),
                nonSigners
            );
    }

    function testFuzz_CHL03_CHL11_certificates_areJudgedAsTheyWereSigned(uint256 seed) public {
        this.play(seed, true);
        assertEq(_verifier.faultCount(), 0, "nothing is recorded");
        this.play(seed, false);
        assertEq(_verifier.faultCount(), _seen[Verdict.Proven], "each once");
    }

    /// @dev When an epoch has ended, what was signed in it proves nothing, and the rest what it did.
    function testFuzz_CHL11_certificates_epochHasEnded_proveNothing(uint256 seed) public {
        vm.warp(_clock + 10 minutes + 1);
        _oldestEpoch = 2;
        this.play(seed, true);
        this.play(seed, false);
        assertEq(_verifier.faultCount(), _seen[Verdict.Proven], "each once");
    }

    function test_CHL11_certificates_meetEveryVerdict() public {
        _meetEveryVerdict();
    }
}
