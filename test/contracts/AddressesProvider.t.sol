// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {AddressesProvider} from "../../contracts/AddressesProvider.sol";
import {PolicyDataRegistry} from "../../contracts/PolicyDataRegistry.sol";
import {PolicyRegistry} from "../../contracts/PolicyRegistry.sol";
import {IAddressesProvider} from "../../contracts/interfaces/IAddressesProvider.sol";
import {PolicyFixture} from "./helpers/PolicyFixture.sol";

contract AddressesProviderTest is PolicyFixture {
    bytes32 private constant ID = keccak256("SOMETHING");

    function test_getAddress_entryIsEmpty_reverts() public {
        vm.expectRevert(abi.encodeWithSelector(IAddressesProvider.AddressNotSet.selector, ID));
        provider.getAddress(ID);
        assertTrue(provider.tryGetAddress(ID) == address(0), "the try form gives zero");
    }

    function test_setAddress_newReplacedRemoved_emits() public {
        vm.startPrank(OWNER);
        vm.expectEmit();
        emit IAddressesProvider.AddressSet(ID, address(0), address(roots));
        provider.setAddress(ID, address(roots));
        assertTrue(provider.getAddress(ID) == address(roots), "set");

        vm.expectEmit();
        emit IAddressesProvider.AddressSet(ID, address(roots), address(registry));
        provider.setAddress(ID, address(registry));
        assertTrue(provider.tryGetAddress(ID) == address(registry), "replaced");

        vm.expectEmit();
        emit IAddressesProvider.AddressSet(ID, address(registry), address(0));
        provider.setAddress(ID, address(0));
        vm.stopPrank();
        assertTrue(provider.tryGetAddress(ID) == address(0), "removed");
    }

    function test_setAddress_addressHasNoCode_reverts() public {
        vm.prank(OWNER);
        vm.expectRevert(abi.encodeWithSelector(IAddressesProvider.NoContractCode.selector, ID, STRANGER));
        provider.setAddress(ID, STRANGER);
        assertTrue(provider.tryGetAddress(ID) == address(0), "nothing set");
    }

    function test_setAddress_callerIsNotOwner_reverts() public {
        vm.prank(STRANGER);
        vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, STRANGER));
        provider.setAddress(ID, address(roots));
        assertTrue(provider.tryGetAddress(ID) == address(0), "nothing set");
    }

    function test_transferOwnership_twoSteps_succeeds() public {
        vm.prank(OWNER);
        provider.transferOwnership(AUTHOR);
        assertTrue(provider.owner() == OWNER, "not before it is accepted");
        vm.prank(AUTHOR);
        provider.acceptOwnership();
        assertTrue(provider.owner() == AUTHOR, "accepted");
    }

    function test_constructor_directoryIsEmpty_reverts() public {
        AddressesProvider empty = new AddressesProvider(OWNER);
        bytes32 id = keccak256("STATE_COMMIT_REGISTRY");
        vm.expectRevert(abi.encodeWithSelector(IAddressesProvider.AddressNotSet.selector, id));
        new PolicyDataRegistry(empty, address(this));
        vm.expectRevert(abi.encodeWithSelector(IAddressesProvider.AddressNotSet.selector, id));
        new PolicyRegistry(empty);
    }

    function test_setAddress_afterConstruction_reachesNobody() public {
        vm.startPrank(OWNER);
        provider.setAddress(keccak256("STATE_COMMIT_REGISTRY"), address(provider));
        provider.setAddress(keccak256("POLICY_DATA_REGISTRY"), address(provider));
        vm.stopPrank();
        assertTrue(address(registry.stateCommitRegistry()) == address(roots), "template registry");
        assertTrue(address(registry.policyDataRegistry()) == address(dataRegistry), "its data registry");
        assertTrue(address(dataRegistry.stateCommitRegistry()) == address(roots), "data registry");
    }
}
