// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Test} from "../Cheats.sol";
import {VerifierStub} from "./VerifierStub.sol";
import {StateCommitRegistry} from "../../contracts/StateCommitRegistry.sol";
import {IEnclaveRegistry} from "../../contracts/interfaces/IEnclaveRegistry.sol";
import {CommitMessage} from "../../contracts/libraries/CommitMessage.sol";
import {DaCertHash} from "../../contracts/types/DaCertHash.sol";
import {StateCommit} from "../../contracts/types/StateCommit.sol";
import {StateRoot} from "../../contracts/types/StateRoot.sol";

contract CommitMessageTest is Test {
    string private _json;
    bytes private _code;

    function setUp() public {
        _json = vm.readFile("./test/vectors/commitMessage.json");
        VerifierStub verifier = new VerifierStub();
        _code = address(
            new StateCommitRegistry(
                address(this),
                verifier,
                IEnclaveRegistry(address(0)),
                6_667,
                60,
                6 hours,
                3 days
            )
        ).code;
    }

    function _commits() private view returns (StateCommit[] memory commits) {
        uint256[] memory versions = vm.parseJsonUintArray(_json, ".versions");
        uint256[] memory sequenceNos = vm.parseJsonUintArray(_json, ".sequenceNos");
        bytes32[] memory prevStateRoots = vm.parseJsonBytes32Array(_json, ".prevStateRoots");
        bytes32[] memory newStateRoots = vm.parseJsonBytes32Array(_json, ".newStateRoots");
        uint256[] memory timestamps = vm.parseJsonUintArray(_json, ".timestamps");
        bytes32[] memory daCertHashes = vm.parseJsonBytes32Array(_json, ".daCertHashes");
        bytes32[] memory pcr0Commitments = vm.parseJsonBytes32Array(_json, ".pcr0Commitments");
        commits = new StateCommit[](versions.length);
        for (uint256 i = 0; i < versions.length; ++i) {
            commits[i] = StateCommit({
                version: uint8(versions[i]),
                sequenceNo: uint64(sequenceNos[i]),
                prevStateRoot: StateRoot.wrap(prevStateRoots[i]),
                newStateRoot: StateRoot.wrap(newStateRoots[i]),
                timestamp: uint64(timestamps[i]),
                daCertHash: DaCertHash.wrap(daCertHashes[i]),
                pcr0Commitment: pcr0Commitments[i]
            });
        }
    }

    /// @dev A registry at the address of a vector; it then hashes its domain afresh.
    function _registryAt(bytes memory where) private returns (StateCommitRegistry) {
        address registry = address(bytes20(where));
        vm.etch(registry, _code);
        return StateCommitRegistry(registry);
    }

    function test_ABI09_digestOf_vectors_equal() public {
        StateCommit[] memory commits = _commits();
        uint256[] memory chainIds = vm.parseJsonUintArray(_json, ".chainIds");
        uint256[] memory epochs = vm.parseJsonUintArray(_json, ".epochs");
        bytes[] memory registries = vm.parseJsonBytesArray(_json, ".registries");
        bytes32[] memory digests = vm.parseJsonBytes32Array(_json, ".digests");
        bytes32[] memory messages = vm.parseJsonBytes32Array(_json, ".messages");
        assertTrue(commits.length >= 50, "vectors");
        for (uint256 i = 0; i < commits.length; ++i) {
            vm.chainId(chainIds[i]);
            assertEq(_registryAt(registries[i]).digestOf(commits[i]), digests[i], "digest");
            assertEq(CommitMessage.quorumMessage(uint32(epochs[i]), digests[i]), messages[i], "message");
        }
    }

    function test_ABI09_digestOf_tenThousandCommits_equalToTypeScript() public {
        vm.chainId(vm.parseJsonUint(_json, ".foldChainId"));
        StateCommitRegistry registry = _registryAt(vm.parseJsonBytes(_json, ".foldRegistry"));
        uint256 count = vm.parseJsonUint(_json, ".foldCount");
        assertEq(count, 10_000, "count");
        bytes32 fold;
        for (uint32 i = 0; i < count; ++i) {
            StateCommit memory commit = StateCommit({
                version: uint8(uint256(_word(i, 0))),
                sequenceNo: uint64(uint256(_word(i, 1))),
                prevStateRoot: StateRoot.wrap(_word(i, 2)),
                newStateRoot: StateRoot.wrap(_word(i, 3)),
                timestamp: uint64(uint256(_word(i, 4))),
                daCertHash: DaCertHash.wrap(_word(i, 5)),
                pcr0Commitment: _word(i, 6)
            });
            fold = keccak256(abi.encodePacked(fold, registry.digestOf(commit)));
        }
        assertEq(fold, vm.parseJsonBytes32(_json, ".fold"), "fold");
    }

    function _word(uint32 index, uint8 field) private pure returns (bytes32) {
        return keccak256(abi.encodePacked(index, field));
    }

    function testFuzz_quorumMessage_epochOrDigestDiffers_differs(
        uint32 epoch,
        uint32 otherEpoch,
        bytes32 digest,
        bytes32 otherDigest
    ) public pure {
        vm.assume(epoch != otherEpoch && digest != otherDigest);
        bytes32 message = CommitMessage.quorumMessage(epoch, digest);
        assertTrue(message != CommitMessage.quorumMessage(otherEpoch, digest), "epoch");
        assertTrue(message != CommitMessage.quorumMessage(epoch, otherDigest), "digest");
        assertTrue(message != digest, "the digest itself is never signed");
    }
}
