// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Test} from "../../Cheats.sol";
import {CertificateBook, EpochsStub, JudgedRegistry, PoliciesStub} from "./ChallengeStubs.sol";
import {ChallengeVerifier} from "../../../contracts/ChallengeVerifier.sol";
import {DecisionChallengeVerifier} from "../../../contracts/DecisionChallengeVerifier.sol";
import {FaultRules} from "../../../contracts/interfaces/IFaultLedger.sol";
import {IOperatorSetRegistry} from "../../../contracts/interfaces/IOperatorSetRegistry.sol";
import {IPolicyRegistry} from "../../../contracts/interfaces/IPolicyRegistry.sol";
import {ISlashingHook} from "../../../contracts/interfaces/ISlashingHook.sol";
import {IStateCommitRegistry} from "../../../contracts/interfaces/IStateCommitRegistry.sol";
import {RewriteEvidence} from "../../../contracts/types/Challenge.sol";
import {StateRoot} from "../../../contracts/types/StateRoot.sol";
import {TreeKey} from "../../../contracts/types/TreeKey.sol";

/// @dev Both verifiers over stubs: commit 1 has one leaf, which commit 2 has removed.
abstract contract ChallengeFixture is Test {
    bytes32 internal constant CONTENT = keccak256("content");
    /// @dev Of a tree with one leaf: its own, and of a tree with none.
    bytes internal constant ONE_LEAF = hex"000000";
    bytes internal constant NO_LEAF = hex"010000";
    StateRoot internal constant EMPTY_ROOT = StateRoot.wrap("SPARSE_MERKLE_PLACEHOLDER_HASH__");
    address internal constant OWNER = address(0x0a11ce);
    address internal constant CHALLENGER = address(0xc4a11e);
    address internal constant STRANGER = address(0x5a);
    uint32 internal constant DELAY_SECONDS = 3 days;
    uint96 internal constant REWARD_WEI = 1 ether;
    uint16 internal constant OPERATORS = 4;

    CertificateBook internal _book;
    JudgedRegistry internal _roots;
    PoliciesStub internal _policies;
    EpochsStub internal _epochs;
    ChallengeVerifier internal _verifier;
    DecisionChallengeVerifier internal _decisions;
    /// @dev Kept here because the optimizer takes `block.timestamp` for constant within a call.
    uint64 internal _clock = 1_800_000_000;

    function setUp() public virtual {
        vm.warp(_clock);
        vm.roll(100);
        _book = new CertificateBook();
        _roots = new JudgedRegistry(_book);
        _policies = new PoliciesStub(address(_roots));
        _epochs = new EpochsStub();
        _epochs.start(OPERATORS);
        _verifier = _deploy(FaultRules(ISlashingHook(address(0)), REWARD_WEI), _epochs);
        _decisions = new DecisionChallengeVerifier(
            OWNER,
            _registry(),
            IPolicyRegistry(address(_policies)),
            IOperatorSetRegistry(address(_epochs)),
            FaultRules(ISlashingHook(address(0)), REWARD_WEI),
            DELAY_SECONDS
        );
        _roots.setRoot(1, _rootOf(_keyOf(CONTENT), _record(CONTENT)));
        _roots.setRoot(2, EMPTY_ROOT);
    }

    function _registry() internal view returns (IStateCommitRegistry) {
        return IStateCommitRegistry(address(_roots));
    }

    function _deploy(FaultRules memory rules, EpochsStub epochs) internal returns (ChallengeVerifier) {
        return
            new ChallengeVerifier(
                OWNER,
                _registry(),
                IPolicyRegistry(address(_policies)),
                IOperatorSetRegistry(address(epochs)),
                rules,
                DELAY_SECONDS
            );
    }

    function _pass(uint64 timeSeconds) internal {
        _clock += timeSeconds;
        vm.warp(_clock);
    }

    /// @dev A well-formed record of kind 4, the first that is content-addressed, written by commit 1.
    function _record(bytes32 contentHash) internal pure returns (bytes memory) {
        return abi.encodePacked(uint8(1), uint8(4), uint16(0), uint64(9), uint64(1), contentHash);
    }

    function _keyOf(bytes32 contentHash) internal pure returns (TreeKey) {
        return TreeKey.wrap(bytes32((uint256(4) << 248) | (uint256(contentHash) >> 8)));
    }

    /// @dev Of the tree with this leaf alone.
    function _rootOf(TreeKey key, bytes memory record) internal pure returns (StateRoot) {
        return
            StateRoot.wrap(
                keccak256(abi.encodePacked("JMT::LeafNode", TreeKey.unwrap(key), keccak256(record)))
            );
    }

    function _removal() internal pure returns (RewriteEvidence memory) {
        return RewriteEvidence(_keyOf(CONTENT), 1, _record(CONTENT), ONE_LEAF, 2, "", NO_LEAF);
    }

    /// @dev Id of the fault that `_removal` proves.
    function _removalId() internal view returns (bytes32 faultId) {
        (, faultId) = _verifier.judgeRewrite(_removal());
    }

    /// @dev In the layout of a BLS certificate over `messageCount` messages of epoch 1.
    function _certificate(
        uint256 messageCount,
        bytes memory nonSigners
    ) internal pure returns (bytes memory) {
        return abi.encodePacked(uint32(1), new bytes(33 * messageCount + 192), nonSigners);
    }
}
