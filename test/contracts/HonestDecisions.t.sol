// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {DecisionFixture} from "./helpers/DecisionFixture.sol";
import {DecisionTwists} from "./helpers/DecisionTwists.sol";
import {QuorumFault, Verdict} from "../../contracts/types/Challenge.sol";
import {Decision, DecisionEvidence} from "../../contracts/types/Decision.sol";
import {PolicyInstanceId} from "../../contracts/types/PolicyInstanceId.sol";

/// @dev Histories of clients who move between instances of the real registry, and decisions about them, by both judges.
///      Each run judges 40 honest histories and 8 dishonest ones: 10,240 and 2,048 in a test run.
contract HonestDecisionsTest is DecisionFixture, DecisionTwists {
    address private constant CHALLENGER = address(0xc4a11e);
    uint256 private constant HONEST_HISTORIES = 40;
    uint256 private constant DISHONEST_HISTORIES = 8;
    uint256 private constant QUORUM = 6_667;

    /// @dev What is offered to the judges, and what is true of it. `signed` is of 10,000; nobody certified what has zero.
    struct Offer {
        Decision decision;
        bytes certificate;
        uint256 signed;
        bool isRight;
    }

    uint256 private _honestCount;
    mapping(Verdict => uint256) private _identity;
    mapping(Verdict => uint256) private _stale;
    mapping(bytes32 faultId => bool) private _isRecorded;

    // -- Histories --

    /// @dev By a call, so that its memory is given back. The last move is to an instance.
    function play(uint256 seed, bool isHonest) external {
        address client = _client(seed);
        for (uint256 left = (seed >> 8) % 3; left > 0; --left) {
            _wait((seed >> (8 + 8 * left)) % 3);
            _move(_client(seed >> (32 + left)), uint256(keccak256(abi.encode(seed, left))), true);
        }
        _wait((seed >> 40) % 3);
        _move(client, uint256(keccak256(abi.encode(seed))), false);
        uint64 movedIn = _height;
        _wait((seed >> 48) % 3);
        seed = uint256(keccak256(abi.encode(seed, "decide")));
        _decide(client, movedIn + uint64(seed % 3), seed, isHonest);
        client = _client(seed >> 8);
        _decide(client, _edge(client, seed >> 16), ~seed, isHonest);
    }

    /// @dev A block at which something may be off by one: of a move, before it, behind it, or about now.
    function _edge(address client, uint256 seed) private view returns (uint64) {
        uint256 count = _moves[client].length;
        if (count == 0 || seed % 4 == 0) return _height + uint64((seed >> 8) % 3) - 1;
        return _moves[client][(seed >> 8) % count].blockNumber + uint64((seed >> 24) % 3) - 1;
    }

    function _decide(address client, uint64 blockNumber, uint256 seed, bool isHonest) private {
        PolicyInstanceId id = _idAt(client, blockNumber);
        // The quorum has nothing to decide by.
        if (id.isZero()) return;
        if (!isHonest && seed % 2 == 0) id = _moves[client][(seed >> 8) % _moves[client].length].id;
        if (id.isZero()) return;
        Offer memory offer;
        offer.isRight = isHonest || (seed >> 32) % 2 == 0;
        offer.decision = _decisionOf(client, id, blockNumber, seed);
        if (!offer.isRight) offer.decision = _wrong(offer.decision, seed >> 40);
        offer.signed = QUORUM + ((seed >> 128) % 3_334);
        offer.certificate = _certify(offer.decision, seed, offer.signed);
        if (isHonest) ++_honestCount;
        _judge(offer);
        if (isHonest) {
            _judge(_twisted(offer, seed));
        } else {
            // Once more, by another certificate.
            offer.certificate = _certify(offer.decision, ~seed, 10_000);
            _judge(offer);
        }
    }

    /// @dev Other bytes, another decision than was signed, or one that too few signed.
    function _twisted(Offer memory offer, uint256 seed) private returns (Offer memory twisted) {
        twisted = Offer(offer.decision, offer.certificate, 0, true);
        uint256 way = (seed >> 136) % 4;
        seed >>= 144;
        if (way == 0) twisted.certificate = bytes.concat(offer.certificate, bytes1(uint8(seed)));
        if (way == 1) twisted.decision = _otherwise(offer.decision, seed);
        if (way >= 2) (twisted.decision, twisted.isRight) = (_wrong(offer.decision, seed), false);
        if (way == 3) {
            twisted.signed = 1 + (seed % (QUORUM - 1));
            twisted.certificate = _certify(twisted.decision, seed, twisted.signed);
        }
    }

    // -- Verdicts --

    function _judge(Offer memory offer) private {
        DecisionEvidence memory evidence = DecisionEvidence(offer.decision, offer.certificate);
        Decision memory decision = offer.decision;
        bytes32 digest = _verifier.digestOfDecision(decision);

        bytes32 id = _idOf("OPS::WrongIdentityFault", digest);
        Verdict expected = _expected(offer.signed, offer.isRight, id);
        ++_identity[expected];
        Verdict got = _verifier.challengeWrongIdentity(evidence, CHALLENGER);
        assertEq(uint256(got), uint256(expected), "identity");
        _assertRecord(id, expected, QuorumFault.WrongIdentity);

        bool isCurrent = _idAt(decision.client, decision.referenceBlock) == decision.policyInstanceId;
        id = _idOf("OPS::StaleInstanceFault", digest);
        expected = _expected(offer.signed, isCurrent, id);
        if (decision.referenceBlock >= _height) expected = Verdict.BlockNotPast;
        ++_stale[expected];
        got = _verifier.challengeStaleInstance(evidence, CHALLENGER);
        assertEq(uint256(got), uint256(expected), "stale");
        _assertRecord(id, expected, QuorumFault.StaleInstance);
    }

    function _expected(uint256 signed, bool isHonest, bytes32 id) private view returns (Verdict) {
        if (signed == 0) return Verdict.CertificateRefused;
        if (signed < QUORUM) return Verdict.InsufficientQuorum;
        if (isHonest) return Verdict.NoFault;
        return _isRecorded[id] ? Verdict.AlreadyRecorded : Verdict.Proven;
    }

    /// @dev Own formula.
    function _idOf(bytes memory tag, bytes32 digest) private view returns (bytes32) {
        return keccak256(abi.encode(keccak256(tag), block.chainid, address(roots), digest));
    }

    function _assertRecord(bytes32 id, Verdict verdict, QuorumFault fault) private {
        if (verdict == Verdict.Proven) _isRecorded[id] = true;
        QuorumFault recorded = _verifier.faultRecord(id).fault;
        assertTrue(recorded == (_isRecorded[id] ? fault : QuorumFault.None), "record");
    }

    // -- Tests --

    function testFuzz_CHV23_CHL03_honestDecisions_areNeverRefuted(uint256 seed) public {
        for (uint256 i = 0; i < HONEST_HISTORIES; ++i)
            this.play(uint256(keccak256(abi.encode(seed, i))), true);
        assertEq(_verifier.faultCount(), 0, "nothing is recorded");
        assertTrue(_honestCount >= HONEST_HISTORIES, "one decision in each, or more");
        assertTrue(_identity[Verdict.NoFault] >= HONEST_HISTORIES, "right");
        assertTrue(_stale[Verdict.NoFault] != 0, "current");
        assertTrue(_stale[Verdict.BlockNotPast] != 0, "not past");
        assertTrue(_identity[Verdict.CertificateRefused] != 0, "twisted");
        assertTrue(_identity[Verdict.InsufficientQuorum] != 0, "of few");
    }

    function testFuzz_CHL01_CHL02_wrongDecisions_areProvenOnce(uint256 seed) public {
        for (uint256 i = 0; i < DISHONEST_HISTORIES; ++i) {
            this.play(uint256(keccak256(abi.encode(seed, i))), false);
        }
        uint256 proven = _identity[Verdict.Proven] + _stale[Verdict.Proven];
        assertEq(_verifier.faultCount(), proven, "each once");
        assertEq(_identity[Verdict.AlreadyRecorded], _identity[Verdict.Proven], "identity");
        assertEq(_stale[Verdict.AlreadyRecorded], _stale[Verdict.Proven], "stale");
    }

    /// @dev Every verdict comes about, at each of both judges.
    function test_decisions_meetEveryVerdict() public {
        for (uint256 i = 0; i < 48; ++i) this.play(uint256(keccak256(abi.encode(i))), i % 2 == 0);
        Verdict[5] memory verdicts = [
            Verdict.Proven,
            Verdict.NoFault,
            Verdict.AlreadyRecorded,
            Verdict.CertificateRefused,
            Verdict.InsufficientQuorum
        ];
        for (uint256 i = 0; i < 5; ++i) {
            assertTrue(_identity[verdicts[i]] != 0 && _stale[verdicts[i]] != 0, vm.toString(i));
        }
        assertTrue(_stale[Verdict.BlockNotPast] != 0, "not past");
    }
}
