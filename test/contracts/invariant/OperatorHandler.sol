// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {EpochHandler} from "./EpochHandler.sol";
import {ITimelocked} from "../../../contracts/interfaces/ITimelocked.sol";
import {IOperatorSetRegistry} from "../../../contracts/interfaces/IOperatorSetRegistry.sol";
import {G1Point, G2Point} from "../../../contracts/types/Bn254Points.sol";

/// @dev Drives an operator set registry: keys and weights. Numbers of claims are those of the invariants OPR1, OPR2, …
contract OperatorHandler is EpochHandler {
    /// @dev What an account offers as its key and its proof.
    struct Offer {
        G1Point keyG1;
        G2Point keyG2;
        IOperatorSetRegistry.Possession proof;
        /// @dev The name of what is wrong with it; zero if nothing is.
        bytes4 fault;
    }

    // -- Keys --

    /// @dev A key and its proof, good or forged, from an account with or without a key.
    function offerKey(uint256 seed, uint8 forgery, bool isRotation) external at(1) {
        seed = _mix(seed);
        address account = _account(seed);
        uint256 secret = 1 + ((seed >> 8) % SECRET_COUNT);
        // Most of the time what the account may do, or hardly anything succeeds.
        if (seed & 0xc0 != 0) isRotation = _secretOf[account] != 0;
        Offer memory offer = _offer(account, secret, forgery);
        bytes4 expected = bytes4(0);
        if (isRotation && _secretOf[account] == 0) expected = IOperatorSetRegistry.NotRegistered.selector;
        if (!isRotation && _secretOf[account] != 0)
            expected = IOperatorSetRegistry.AlreadyRegistered.selector;
        if (expected == 0 && offer.fault == IOperatorSetRegistry.ZeroKey.selector) expected = offer.fault;
        if (expected == 0 && _ownerOf[secret] != address(0))
            expected = IOperatorSetRegistry.KeyInUse.selector;
        if (expected == 0) expected = offer.fault;

        bytes32 before = _stateHash();
        bytes memory call =
            isRotation
                ? abi.encodeCall(REGISTRY.rotateKey, (offer.keyG1, offer.keyG2, offer.proof))
                : abi.encodeCall(REGISTRY.register, (offer.keyG1, offer.keyG2, offer.proof));
        vm.prank(account);
        (bool isDone, bytes memory reason) = address(REGISTRY).call(call);
        if (isDone) {
            _claim(1, offer.fault == 0);
            _claim(2, _ownerOf[secret] == address(0));
            _ownerOf[secret] = account;
            _secretOf[account] = secret;
            _count(isRotation ? bytes32("rotate") : bytes32("register"));
        } else {
            _claimRefused(reason, expected, before);
        }
        _claim(12, isDone == (expected == 0));
        _claimState();
    }

    function _offer(address account, uint256 secret, uint256 forgery) private returns (Offer memory offer) {
        address registry = address(REGISTRY);
        (offer.keyG1, offer.keyG2) = (KEYS.keyG1(secret), KEYS.keyG2(secret));
        uint256 signer = secret;
        address prover = account;
        uint256 chainId = block.chainid;
        forgery = forgery % 16;
        if (forgery < 7) offer.fault = IOperatorSetRegistry.InvalidProofOfPossession.selector;
        if (forgery == 0) prover = address(uint160(account) + 1);
        if (forgery == 1) chainId += 1;
        if (forgery == 2) registry = address(this);
        if (forgery == 3) signer = secret + 1;
        offer.proof = _prove(prover, secret, signer, chainId, registry);
        if (forgery == 4) offer.keyG2 = KEYS.keyG2(secret + 1);
        if (forgery == 5) offer.proof.hintY += 1;
        if (forgery == 6) offer.proof.counter = 255 - offer.proof.counter;
        if (forgery == 7) offer.keyG2 = KEYS.keyG2(0);
        if (forgery == 8) offer.proof.signature = G1Point(0, 0);
        if (forgery == 7 || forgery == 8) offer.fault = IOperatorSetRegistry.ZeroKey.selector;
    }

    function leave(uint256 seed) external at(1) {
        seed = _mix(seed);
        // Rarely, or the keys are soon used up.
        if (seed % 3 != 0) return;
        address account = _account(seed / 3);
        bytes4 expected = _secretOf[account] == 0 ? IOperatorSetRegistry.NotRegistered.selector : bytes4(0);
        bytes32 before = _stateHash();
        vm.prank(account);
        try REGISTRY.deregister() {
            _claim(12, expected == 0);
            _setWeight(account, 0);
            delete _raiseOf[account];
            _secretOf[account] = 0;
            _count("leave");
        } catch (bytes memory reason) {
            _claimRefused(reason, expected, before);
        }
        _claimState();
    }

    // -- Weights --

    function weigh(uint256 seed, uint128 weight, bool isOrdinary) external at(1) {
        seed = _mix(seed);
        address account = _account(seed);
        bool isStranger = (seed >> 8) % 8 == 0;
        if (isOrdinary) weight = uint128((seed >> 16) % 100);
        bytes4 expected = bytes4(0);
        if (weight > MAX_WEIGHT) expected = IOperatorSetRegistry.InvalidParameter.selector;
        if (_secretOf[account] == 0) expected = IOperatorSetRegistry.NotRegistered.selector;
        if (isStranger) expected = Ownable.OwnableUnauthorizedAccount.selector;
        bytes32 before = _stateHash();
        if (isStranger) vm.prank(account);
        try REGISTRY.setWeight(account, weight) {
            _claim(13, !isStranger);
            _claim(10, weight <= MAX_WEIGHT);
            _claim(12, expected == 0);
            if (_epochs.length > 1 && weight > _weightOf[account]) {
                _raiseOf[account] = ModelRaise(weight, _clock + CHANGE_DELAY_SECONDS);
                _count("propose raise");
            } else {
                delete _raiseOf[account];
                _setWeight(account, weight);
                _count(weight == 0 ? bytes32("eject") : bytes32("weigh"));
            }
        } catch (bytes memory reason) {
            _claimRefused(reason, expected, before);
        }
        _claimState();
    }

    /// @dev By anybody: too early, in time, too late, or without a proposal.
    function enactRaise(uint256 seed) external at(1) {
        seed = _mix(seed);
        address account = _account(seed);
        // Most of the time one for whom something waits.
        for (uint256 i = 0; i < ACCOUNT_COUNT && seed & 0xc0 != 0; ++i) {
            if (_raiseOf[account].dueAt + GRACE_SECONDS >= _clock) break;
            account = _account(seed + i);
        }
        ModelRaise memory raise = _raiseOf[account];
        if (raise.dueAt > _clock && (seed >> 8) % 2 == 0) {
            _clock = raise.dueAt;
            if ((seed >> 16) % 4 == 0) _clock += GRACE_SECONDS + 1;
            vm.warp(_clock);
        }
        bytes4 expected = bytes4(0);
        if (_clock > raise.dueAt + GRACE_SECONDS) expected = ITimelocked.ProposalExpired.selector;
        if (_clock < raise.dueAt) expected = ITimelocked.TimelockActive.selector;
        if (raise.dueAt == 0) expected = ITimelocked.NothingProposed.selector;
        bytes32 before = _stateHash();
        vm.prank(_account(seed >> 24));
        try REGISTRY.enactWeight(account) {
            _claim(15, expected == 0);
            delete _raiseOf[account];
            _setWeight(account, raise.weight);
            _count("raise");
        } catch (bytes memory reason) {
            _claimRefused(reason, expected, before);
        }
        _claimState();
    }
}
