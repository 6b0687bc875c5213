// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Campaign} from "./Campaign.sol";
import {PolicyHandler} from "./PolicyHandler.sol";
import {IArtifactRegistry} from "../../../contracts/interfaces/IArtifactRegistry.sol";
import {IPolicyRegistry} from "../../../contracts/interfaces/IPolicyRegistry.sol";
import {IStateCommitRegistry} from "../../../contracts/interfaces/IStateCommitRegistry.sol";

/// @dev The runner calls only what has an artifact, which is what this file defines.
contract PoliciesHandler is PolicyHandler {}

/// @dev The invariants POL1, POL2, … of docs/Invariants.md, under templates, instances and callers good and bad.
contract PoliciesInvariantTest is Campaign {
    string[] private _names = [
        "POL1_everyArtifactOfATemplateWasProvenInClear",
        "POL2_aTemplateRefIsTheHashOfItsParts",
        "POL3_theFirstOwnerOfATemplateIsKept",
        "POL4_aPointerNamesOneOfItsOwnAndKeepsItsPast",
        "POL5_paramsReadBackByteForByte",
        "POL6_onlyTheClientOrItsOwnerDeploysOrMoves",
        "POL7_noNewInstanceOfADeprecatedTemplate",
        "POL8_anInstanceHasTheClientsDataInOrder",
        "POL9_bindingsAreSortedAndRegistered",
        "POL10_paramsOfALeafWereProvenAndAreTooLarge",
        "POL11_theListsHaveEverythingOnceInOrder",
        "POL12_aRefusalHasItsNameAndChangesNothingInPolicies",
        "POL13_everyChangeOfPoliciesIsAnnouncedOnce",
        "POL14_onlyItsOwnerDeprecatesATemplateOnce",
        "POL15_aTemplateRecordNamesTheNewestCommitThen",
        "POL16_aBundleIsWholeOrNothing",
        "POL17_anInstanceNeverChanges"
    ];

    function setUp() public {
        PoliciesHandler handler = new PoliciesHandler();
        for (uint256 i = 0; i < 24; ++i) handler.registerTemplate(i);
        _begin(handler);
    }

    function invariant_POL_POL03_POL13_POL15_policies() public view {
        _assertHold(_names);
    }

    /// @dev Far below what is usual, so that chance does not fail a run.
    function afterInvariant() public view {
        _assertOften("register", 1);
        _assertOften("refused", 1);
    }

    /// @dev Every refusal is met by something that the handler does.
    function test_handler_meetsEveryRefusalOfTemplates() public {
        PoliciesHandler handler = new PoliciesHandler();
        for (uint256 i = 0; i < 120; ++i) {
            handler.registerTemplate(i);
            if (i % 2 == 0) handler.deprecate(i);
        }
        bytes4[13] memory names = [
            IPolicyRegistry.PolicyTemplateRefMismatch.selector,
            IPolicyRegistry.EmptyTemplate.selector,
            IPolicyRegistry.InvalidEntrypoint.selector,
            IPolicyRegistry.TooManyBindings.selector,
            IPolicyRegistry.BindingsNotSorted.selector,
            IPolicyRegistry.BindingNameTooLong.selector,
            IPolicyRegistry.UnknownBinding.selector,
            IArtifactRegistry.ProofCountMismatch.selector,
            IArtifactRegistry.DanglingArtifact.selector,
            IArtifactRegistry.FlagsMismatch.selector,
            IStateCommitRegistry.RootNotRetained.selector,
            IArtifactRegistry.NotOwner.selector,
            IArtifactRegistry.ReasonTooLong.selector
        ];
        for (uint256 i = 0; i < names.length; ++i) {
            assertTrue(handler.countOf(names[i]) != 0, vm.toString(i));
        }
        assertEq(handler.brokenBits(), 0, "and no invariant");
    }

    function test_handler_meetsEveryRefusalOfInstances() public {
        PoliciesHandler handler = new PoliciesHandler();
        for (uint256 i = 0; i < 24; ++i) handler.registerTemplate(i);
        for (uint256 i = 0; i < 150; ++i) {
            if (i % 8 == 0) handler.instantiateData(i);
            handler.deploy(i);
            if (i % 4 == 0) handler.move(i);
            if (i % 16 == 0) handler.deprecate(i);
        }
        bytes4[10] memory names = [
            IPolicyRegistry.UnknownTemplate.selector,
            IPolicyRegistry.TemplateDeprecated.selector,
            IPolicyRegistry.UnknownInstance.selector,
            IPolicyRegistry.DataInstanceCountMismatch.selector,
            IPolicyRegistry.DataInstanceMismatch.selector,
            IPolicyRegistry.UnknownDataInstance.selector,
            IPolicyRegistry.ParamsTooLarge.selector,
            IPolicyRegistry.ParamsFitOnChain.selector,
            IArtifactRegistry.NotClient.selector,
            IArtifactRegistry.DanglingArtifact.selector
        ];
        for (uint256 i = 0; i < names.length; ++i) {
            assertTrue(handler.countOf(names[i]) != 0, vm.toString(i));
        }
        for (uint256 mode = 0; mode < 4; ++mode) {
            assertTrue(handler.countOf(bytes32(mode)) != 0, "and every way to deploy");
        }
        assertEq(handler.brokenBits(), 0, "and no invariant");
    }
}
