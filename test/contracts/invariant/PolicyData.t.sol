// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Campaign} from "./Campaign.sol";
import {PolicyDataHandler} from "./PolicyDataHandler.sol";
import {IArtifactRegistry} from "../../../contracts/interfaces/IArtifactRegistry.sol";
import {IPolicyDataRegistry} from "../../../contracts/interfaces/IPolicyDataRegistry.sol";
import {IStateCommitRegistry} from "../../../contracts/interfaces/IStateCommitRegistry.sol";

/// @dev The runner calls only what has an artifact, which is what this file defines.
contract PolicyDataCampaignHandler is PolicyDataHandler {}

/// @dev The invariants PDR1, PDR2, … of docs/Invariants.md, under templates and callers good and bad.
contract PolicyDataInvariantTest is Campaign {
    string[] private _names = [
        "PDR1_everyArtifactOfADataTemplateWasProven",
        "PDR2_aDataRefIsTheHashOfItsParts",
        "PDR3_theFirstOwnerOfADataTemplateIsKept",
        "PDR4_flagsAreThoseOfTheLeaves",
        "PDR5_onlyTheClientOrItsOwnerInstantiatesData",
        "PDR6_onlyItsOwnerDeprecatesADataTemplateOnce",
        "PDR7_noNewInstanceOfADeprecatedDataTemplate",
        "PDR8_aDataInstanceKeepsItsRefAndClient",
        "PDR9_theListHasEveryDataTemplateOnceInOrder",
        "PDR10_aDataRecordNamesTheNewestCommitThen",
        "PDR11_aRefusalHasItsNameAndChangesNothingInPolicyData",
        "PDR12_everyChangeOfPolicyDataIsAnnouncedOnce"
    ];

    function setUp() public {
        _begin(new PolicyDataCampaignHandler());
    }

    function invariant_PDR_POL03_POL08_POL09_policyData() public view {
        _assertHold(_names);
    }

    /// @dev Far below what is usual, so that chance does not fail a run.
    function afterInvariant() public view {
        _assertOften("register", 1);
        _assertOften("refused", 1);
    }

    /// @dev Every refusal is met by something that the handler does.
    function test_handler_meetsEveryRefusal() public {
        PolicyDataCampaignHandler handler = new PolicyDataCampaignHandler();
        for (uint256 i = 0; i < 400; ++i) {
            handler.registerData(i);
            handler.instantiate(i);
            if (i % 4 == 0) handler.deprecate(i);
        }
        bytes4[11] memory names = [
            IPolicyDataRegistry.PolicyDataRefMismatch.selector,
            IPolicyDataRegistry.MissingWasm.selector,
            IPolicyDataRegistry.TeeWithoutEncryption.selector,
            IArtifactRegistry.ProofCountMismatch.selector,
            IArtifactRegistry.DanglingArtifact.selector,
            IArtifactRegistry.FlagsMismatch.selector,
            IStateCommitRegistry.RootNotRetained.selector,
            IPolicyDataRegistry.UnknownPolicyData.selector,
            IPolicyDataRegistry.PolicyDataIsDeprecated.selector,
            IArtifactRegistry.NotOwner.selector,
            IArtifactRegistry.NotClient.selector
        ];
        for (uint256 i = 0; i < names.length; ++i) {
            assertTrue(handler.countOf(names[i]) != 0, vm.toString(i));
        }
        assertTrue(handler.countOf(IArtifactRegistry.ReasonTooLong.selector) != 0, "reason");
        assertTrue(handler.countOf("instantiate") != 0, "and every success");
        assertEq(handler.brokenBits(), 0, "and no invariant");
    }
}
