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

    /// @dev Far below what is usual, so that chance does not fail a run.
    function afterInvariant() public view {
        _assertOften("proven", 1);
        _assertOften("batch", 1);
        _assertOften("forged", 1);
        _assertOften("garbage", 1);
    }

    /// @dev Everything that the handler counts comes about.
    function test_handler_meetsEveryOutcome() public {
        QuorumsHandler handler = new QuorumsHandler();
        handler.openEpoch(0xff, 1, 4);
        for (uint256 i = 0; i < 40; ++i) {
            bytes32 random = keccak256(abi.encode(i));
            handler.openEpoch(uint8(i), 500, uint8(i));
            handler.commit(uint256(random), uint8(random[0]), i % 2 == 0);
            handler.replay(i);
            handler.certify(uint256(random), random, uint8(random[1]));
            handler.cacheSubset(uint256(random), uint8(random[2]));
            handler.forge(uint256(random), random, uint8(random[3]));
        }
        bytes32[10] memory names = [
            bytes32("epoch"),
            "proven",
            "expired",
            "cached",
            "not cached",
            "commit",
            "forged",
            "forged commit",
            "below the quorum",
            "replayed"
        ];
        for (uint256 i = 0; i < names.length; ++i) {
            assertTrue(handler.countOf(names[i]) != 0, string(abi.encodePacked(names[i])));
        }
        assertEq(handler.brokenBits(), 0, "and no invariant");
    }
}
