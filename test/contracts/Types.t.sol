// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Test} from "../Cheats.sol";
import {ContentHash} from "../../contracts/types/ContentHash.sol";
import {DaCertHash} from "../../contracts/types/DaCertHash.sol";
import {PolicyDataInstanceId} from "../../contracts/types/PolicyDataInstanceId.sol";
import {PolicyDataRef} from "../../contracts/types/PolicyDataRef.sol";
import {PolicyInstanceId} from "../../contracts/types/PolicyInstanceId.sol";
import {PolicyTemplateRef} from "../../contracts/types/PolicyTemplateRef.sol";
import {StateRoot} from "../../contracts/types/StateRoot.sol";
import {ValueHash} from "../../contracts/types/ValueHash.sol";

contract TypesTest is Test {
    function testFuzz_contentHash_operators_areThoseOfItsWord(bytes32 a, bytes32 b) public pure {
        assertTrue(ContentHash.wrap(a) == ContentHash.wrap(a), "equal");
        assertTrue((ContentHash.wrap(a) == ContentHash.wrap(b)) == (a == b), "equal iff its word is");
        assertTrue((ContentHash.wrap(a) != ContentHash.wrap(b)) == (a != b), "different iff its word is");
        assertTrue(ContentHash.wrap(0).isZero(), "zero");
        assertTrue(!ContentHash.wrap(a).isZero() || a == 0, "not zero");
    }

    function testFuzz_daCertHash_operators_areThoseOfItsWord(bytes32 a, bytes32 b) public pure {
        assertTrue(DaCertHash.wrap(a) == DaCertHash.wrap(a), "equal");
        assertTrue((DaCertHash.wrap(a) == DaCertHash.wrap(b)) == (a == b), "equal iff its word is");
        assertTrue((DaCertHash.wrap(a) != DaCertHash.wrap(b)) == (a != b), "different iff its word is");
        assertTrue(DaCertHash.wrap(0).isZero(), "zero");
        assertTrue(!DaCertHash.wrap(a).isZero() || a == 0, "not zero");
    }

    function testFuzz_policyDataInstanceId_operators_areThoseOfItsWord(bytes32 a, bytes32 b) public pure {
        assertTrue(PolicyDataInstanceId.wrap(a) == PolicyDataInstanceId.wrap(a), "equal");
        assertTrue(
            (PolicyDataInstanceId.wrap(a) == PolicyDataInstanceId.wrap(b)) == (a == b),
            "equal iff its word is"
        );
        assertTrue(
            (PolicyDataInstanceId.wrap(a) != PolicyDataInstanceId.wrap(b)) == (a != b),
            "different iff its word is"
        );
        assertTrue(PolicyDataInstanceId.wrap(0).isZero(), "zero");
        assertTrue(!PolicyDataInstanceId.wrap(a).isZero() || a == 0, "not zero");
    }

    function testFuzz_policyDataRef_operators_areThoseOfItsWord(bytes32 a, bytes32 b) public pure {
        assertTrue(PolicyDataRef.wrap(a) == PolicyDataRef.wrap(a), "equal");
        assertTrue((PolicyDataRef.wrap(a) == PolicyDataRef.wrap(b)) == (a == b), "equal iff its word is");
        assertTrue((PolicyDataRef.wrap(a) != PolicyDataRef.wrap(b)) == (a != b), "different iff its word is");
        assertTrue(PolicyDataRef.wrap(0).isZero(), "zero");
        assertTrue(!PolicyDataRef.wrap(a).isZero() || a == 0, "not zero");
    }

    function testFuzz_policyInstanceId_operators_areThoseOfItsWord(bytes32 a, bytes32 b) public pure {
        assertTrue(PolicyInstanceId.wrap(a) == PolicyInstanceId.wrap(a), "equal");
        assertTrue(
            (PolicyInstanceId.wrap(a) == PolicyInstanceId.wrap(b)) == (a == b),
            "equal iff its word is"
        );
        assertTrue(
            (PolicyInstanceId.wrap(a) != PolicyInstanceId.wrap(b)) == (a != b),
            "different iff its word is"
        );
        assertTrue(PolicyInstanceId.wrap(0).isZero(), "zero");
        assertTrue(!PolicyInstanceId.wrap(a).isZero() || a == 0, "not zero");
    }

    function testFuzz_policyTemplateRef_operators_areThoseOfItsWord(bytes32 a, bytes32 b) public pure {
        assertTrue(PolicyTemplateRef.wrap(a) == PolicyTemplateRef.wrap(a), "equal");
        assertTrue(
            (PolicyTemplateRef.wrap(a) == PolicyTemplateRef.wrap(b)) == (a == b),
            "equal iff its word is"
        );
        assertTrue(
            (PolicyTemplateRef.wrap(a) != PolicyTemplateRef.wrap(b)) == (a != b),
            "different iff its word is"
        );
        assertTrue(PolicyTemplateRef.wrap(0).isZero(), "zero");
        assertTrue(!PolicyTemplateRef.wrap(a).isZero() || a == 0, "not zero");
    }

    function testFuzz_stateRoot_operators_areThoseOfItsWord(bytes32 a, bytes32 b) public pure {
        assertTrue(StateRoot.wrap(a) == StateRoot.wrap(a), "equal");
        assertTrue((StateRoot.wrap(a) == StateRoot.wrap(b)) == (a == b), "equal iff its word is");
        assertTrue((StateRoot.wrap(a) != StateRoot.wrap(b)) == (a != b), "different iff its word is");
        assertTrue(StateRoot.wrap(0).isZero(), "zero");
        assertTrue(!StateRoot.wrap(a).isZero() || a == 0, "not zero");
    }

    function testFuzz_valueHash_operators_areThoseOfItsWord(bytes32 a, bytes32 b) public pure {
        assertTrue(ValueHash.wrap(a) == ValueHash.wrap(a), "equal");
        assertTrue((ValueHash.wrap(a) == ValueHash.wrap(b)) == (a == b), "equal iff its word is");
        assertTrue((ValueHash.wrap(a) != ValueHash.wrap(b)) == (a != b), "different iff its word is");
    }
}
