// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {StateCommitFixture} from "./helpers/StateCommitFixture.sol";
import {StateCommitRegistry} from "../../contracts/StateCommitRegistry.sol";
import {IEnclaveRegistry} from "../../contracts/interfaces/IEnclaveRegistry.sol";
import {IQuorumVerifier} from "../../contracts/interfaces/IQuorumVerifier.sol";
import {StateCommit} from "../../contracts/types/StateCommit.sol";

/// @dev Answers with three words, whatever they mean.
contract WordsVerifier {
    uint256 private _fault;

    function answer(uint256 fault) external {
        _fault = fault;
    }

    fallback() external {
        bytes memory words = abi.encode(_fault, 3, 3);
        assembly ("memory-safe") {
            return(add(words, 0x20), mload(words))
        }
    }
}

/// @dev Calldata that no honest coder writes.
contract StateCommitCalldataTest is StateCommitFixture {
    /// @dev EIP-7623: gas for a byte of calldata that is not zero, at the floor, and for a transaction.
    uint256 private constant FLOOR_GAS_PER_BYTE = 40;
    uint256 private constant TRANSACTION_GAS = 21_000;

    /// @dev `data` with the word at `offset` replaced is refused, and cheaply.
    function _assertRefused(bytes memory data, uint256 offset, uint256 word) private {
        bytes memory twisted = bytes.concat(data);
        assembly ("memory-safe") {
            mstore(add(add(twisted, 0x20), offset), word)
        }
        bytes32 before = _stateHash();
        uint256 gasBefore = gasleft();
        (bool ok, ) = address(_registry).call(twisted);
        assertTrue(!ok && gasBefore - gasleft() < 200_000, "refused, cheaply");
        assertEq(_stateHash(), before, "unchanged");
    }

    /// @dev Offsets that overlap, point to themselves, outside, or wrap around.
    function _offsets(uint256 length) private pure returns (uint256[7] memory) {
        uint256 max = type(uint256).max;
        return [length, length - 4, length + 32, 1 << 64, (1 << 64) - 1, max, max - 31];
    }

    function test_ABI03_commitStateRoot_offsetOutside_reverts() public {
        bytes memory data = abi.encodeCall(_registry.commitStateRoot, (_next(_registry), hex"c0ffee"));
        // Behind the seven words of the commit: where the certificate is, and how long.
        uint256[7] memory offsets = _offsets(data.length);
        for (uint256 i = 0; i < 7; ++i) {
            _assertRefused(data, 4 + 7 * 32, offsets[i]);
            _assertRefused(data, 4 + 8 * 32, offsets[i]);
        }
        (bool ok, ) = address(_registry).call(data);
        assertTrue(ok, "as it was");
    }

    function test_ABI03_commitStateRoots_offsetOutside_reverts() public {
        bytes memory data = abi.encodeCall(
            _registry.commitStateRoots,
            (_nextBatch(_registry, 2), hex"c0ffee")
        );
        uint256[7] memory offsets = _offsets(data.length);
        // Where both lists are; how many commits; how long the certificate is.
        uint256[4] memory places = [uint256(4), 36, 68, 4 + 32 * (3 + 14)];
        for (uint256 i = 0; i < 7; ++i) {
            for (uint256 j = 0; j < 4; ++j) _assertRefused(data, places[j], offsets[i]);
        }
        // The list of commits is where the offsets are: 64 commits, from its length on.
        _assertRefused(data, 4, 0);
        (bool ok, ) = address(_registry).call(data);
        assertTrue(ok, "as it was");
    }

    function test_ABI06_commitStateRoot_verifierAnswersNoFaultThereIs_reverts() public {
        WordsVerifier verifier = new WordsVerifier();
        _registry = new StateCommitRegistry(
            address(this),
            IQuorumVerifier(address(verifier)),
            IEnclaveRegistry(address(0)),
            QUORUM_BPS,
            SKEW_SECONDS,
            HEARTBEAT_SECONDS,
            CHANGE_DELAY_SECONDS
        );
        uint256[4] memory faults = [uint256(13), 255, 256, type(uint256).max];
        for (uint256 i = 0; i < 4; ++i) {
            verifier.answer(faults[i]);
            StateCommit memory commit = _next(_registry);
            StateCommit[] memory batch = _nextBatch(_registry, 2);
            bytes32 before = _stateHash();
            vm.expectRevert();
            _registry.commitStateRoot(commit, "");
            vm.expectRevert();
            _registry.commitStateRoots(batch, "");
            assertEq(_stateHash(), before, "unchanged");
        }
        verifier.answer(0);
        _registry.commitStateRoot(_next(_registry), "");
        assertEq(_registry.getSequenceNo(), 1, "with a fault that there is: none");
    }

    function test_ACL08_unknownSelector_reverts() public {
        bytes[4] memory calls = [bytes(""), hex"00", hex"00000000", hex"deadbeef00"];
        for (uint256 i = 0; i < 4; ++i) {
            (bool ok, ) = address(_registry).call(calls[i]);
            assertTrue(!ok, "neither fallback nor receive");
        }
        vm.deal(address(this), 1);
        (bool taken, ) = address(_registry).call{value: 1}("");
        assertTrue(!taken && address(_registry).balance == 0, "takes no money");
    }

    function test_GAS07_largestCalldata_staysFarBelowTheCap() public view {
        StateCommit[] memory commits = _nextBatch(_registry, 32);
        bytes memory certificate = new bytes(4 + 33 * 32 + 192 + 255);
        bytes memory data = abi.encodeCall(_registry.commitStateRoots, (commits, certificate));
        uint256 floorGas = TRANSACTION_GAS + data.length * FLOOR_GAS_PER_BYTE;
        // EIP-7825: 16,777,216 for a transaction.
        assertTrue(floorGas < 400_000, "even if no byte were zero");
    }
}
