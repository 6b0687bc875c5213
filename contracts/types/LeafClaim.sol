// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.8.36 <0.9.0;

import {TreeKey} from "./TreeKey.sol";
import {ValueHash} from "./ValueHash.sol";

/// @dev What is claimed of one key: its value hash, or zero, to which nothing hashes, for no leaf.
struct LeafClaim {
    TreeKey key;
    ValueHash valueHash;
}

/// @dev What is claimed of one key before and after an update; each as in `LeafClaim`.
struct LeafChange {
    TreeKey key;
    ValueHash oldValueHash;
    ValueHash newValueHash;
}
