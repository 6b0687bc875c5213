// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Campaign} from "./Campaign.sol";
import {QuorumCommitHandler} from "./QuorumCommitHandler.sol";

/// @dev The runner calls only what has an artifact, which is what this file defines.
contract QuorumsHandler is QuorumCommitHandler {}

/// @dev The invariants QRM1, QRM2, … of docs/Invariants.md, under certificates valid and forged.
contract QuorumInvariantTest is Campaign {
    string[] private _names = [
        "QRM1_weightsAreZeroUnlessProven",
        "QRM2_aCertificateHasOneEncoding",
        "QRM3_aCertificateServesOneDigestAndOneEpoch",
        "QRM4_wantOfGasNeverLooksLikeARefusal",
        "QRM5_noCommitLandsBelowTheQuorum",
        "QRM6_theShortWayIsItsPlainTwin",
        "QRM7_aBatchProvesEveryMemberOrNothing",
        "QRM8_cachingChangesNoVerdict",
        "QRM9_weightsAreThoseOfTheVerySigners",
        "QRM10_everySubsetOfAValidEpochCanProve",
        "QRM11_anEndedEpochProvesNothing",
        "QRM12_nobodysSignatureProvesNothing",
        "QRM13_everyCertificateGetsAVerdict",
        "QRM14_othersCannotSignForTheListedSigners"
    ];

    function setUp() public {
        QuorumsHandler handler = new QuorumsHandler();
        handler.openEpoch(0xb7, 1, 4);
        handler.openEpoch(0xff, 1, 4);
        _begin(handler);
    }

    function invariant_QRM_quorum() public view {
        _assertHold(_names);
    }

    function afterInvariant() public view {
        _assertOften("epoch", 4);
        _assertOften("proven", 10);
        _assertOften("expired", 1);
        _assertOften("batch", 10);
        _assertOften("batch refused", 3);
        _assertOften("forged", 15);
        _assertOften("misused", 5);
        _assertOften("enough gas", 5);
        _assertOften("short of gas", 3);
        _assertOften("garbage", 10);
        _assertOften("cached", 3);
        _assertOften("not cached", 3);
        _assertOften("commit", 3);
        _assertOften("below the quorum", 2);
        _assertOften("replayed", 3);
    }
}
