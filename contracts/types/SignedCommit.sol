// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.8.36 <0.9.0;

import {StateCommit} from "./StateCommit.sol";

/// @dev A commit with the certificate that shows that the quorum signed it.
/// @param commit field by field what the quorum signed
/// @param digests empty for a certificate of this commit alone; else those of its batch, in the order in which they landed
/// @param certificate of the commit or of the batch, at most 32,768 bytes; empty if the commit is attested
struct SignedCommit {
    StateCommit commit;
    bytes32[] digests;
    bytes certificate;
}

/// @dev Whether a commit stands on the chain, and was signed by the quorum. `Signed` comes first.
enum CommitStanding {
    Signed,
    // Its root, or that of the commit before, is not retained (too old, or not made yet).
    RootNotRetained,
    // The retained roots are others.
    OtherRoots,
    // The step to this root was a recovery, not a commit.
    RecoveryStep,
    // The certificate does not show that the quorum signed the commit, or its epoch has ended.
    NotSigned
}
