// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.8.36 <0.9.0;

import {StateCommit} from "./StateCommit.sol";

/// @dev A commit with the certificate over it, alone or among others.
/// @param commit what was signed
/// @param before digests that the certificate proves, too, in front of the commit's; empty for a certificate of one
/// @param behind those that follow it
/// @param certificate over all of them, in the format of the registry's verifier
struct CertifiedCommit {
    StateCommit commit;
    bytes32[] before;
    bytes32[] behind;
    bytes certificate;
}

/// @dev Evidence that two roots were certified for one sequence number; the order does not matter.
struct EquivocationEvidence {
    CertifiedCommit one;
    CertifiedCommit other;
}
