// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {Test} from "../Cheats.sol";
import {VerifierStub} from "./VerifierStub.sol";
import {AddressesProvider} from "../../contracts/AddressesProvider.sol";
import {Bls12381QuorumVerifier} from "../../contracts/Bls12381QuorumVerifier.sol";
import {BlsStateCommitRegistry} from "../../contracts/BlsStateCommitRegistry.sol";
import {OperatorSetRegistry} from "../../contracts/OperatorSetRegistry.sol";
import {Owned} from "../../contracts/Owned.sol";
import {StateCommitRegistry} from "../../contracts/StateCommitRegistry.sol";
import {IEnclaveRegistry} from "../../contracts/interfaces/IEnclaveRegistry.sol";
import {IOwned} from "../../contracts/interfaces/IOwned.sol";

/// @dev Every contract of this project that has an owner.
contract OwnershipTest is Test {
    address private constant NEXT = address(0x5afe);
    address private constant STRANGER = address(0xbad);

    Owned[] private _owned;

    function setUp() public {
        vm.warp(1_800_000_000);
        IEnclaveRegistry none = IEnclaveRegistry(address(0));
        OperatorSetRegistry sets = new OperatorSetRegistry(address(this), 1 hours, 10 minutes, 3 days);
        VerifierStub verifier = new VerifierStub();
        _owned.push(sets);
        _owned.push(new AddressesProvider(address(this)));
        _owned.push(new Bls12381QuorumVerifier(address(this), 2 days));
        _owned.push(new StateCommitRegistry(address(this), verifier, none, 6_667, 60, 6 hours, 3 days));
        _owned.push(new BlsStateCommitRegistry(address(this), sets, none, 6_667, 60, 6 hours, 3 days));
    }

    function _unauthorized(address caller) private pure returns (bytes memory) {
        return abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, caller);
    }

    function test_ACL05_ownership_movesInTwoSteps() public {
        for (uint256 i = 0; i < _owned.length; ++i) {
            Owned target = _owned[i];
            target.transferOwnership(NEXT);
            assertTrue(target.owner() == address(this), "not yet");
            assertTrue(target.pendingOwner() == NEXT, "offered");
            vm.prank(STRANGER);
            vm.expectRevert(_unauthorized(STRANGER));
            target.acceptOwnership();
            assertTrue(target.owner() == address(this), "not by a stranger");
            vm.prank(NEXT);
            target.acceptOwnership();
            assertTrue(target.owner() == NEXT && target.pendingOwner() == address(0), "accepted");
            vm.expectRevert(_unauthorized(address(this)));
            target.transferOwnership(address(this));
        }
    }

    function test_ACL05_transferOwnership_byAStranger_isRefused() public {
        for (uint256 i = 0; i < _owned.length; ++i) {
            vm.prank(STRANGER);
            vm.expectRevert(_unauthorized(STRANGER));
            _owned[i].transferOwnership(STRANGER);
            assertTrue(_owned[i].pendingOwner() == address(0), "nothing offered");
        }
    }

    function test_ACL06_renounceOwnership_isRefused() public {
        for (uint256 i = 0; i < _owned.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IOwned.LastOwner.selector));
            _owned[i].renounceOwnership();
            vm.prank(STRANGER);
            vm.expectRevert(_unauthorized(STRANGER));
            _owned[i].renounceOwnership();
            assertTrue(_owned[i].owner() == address(this), "still owned");
        }
    }
}
