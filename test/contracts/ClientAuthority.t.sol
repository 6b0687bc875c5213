// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ClientAuthorityHarness} from "../../contracts/mocks/ClientAuthorityHarness.sol";
import {PolicyClientMock} from "../../contracts/mocks/PolicyClientMock.sol";
import {Test} from "../Cheats.sol";

contract ClientAuthorityTest is Test {
    address private constant ALICE = address(0xa11ce);
    address private constant BOB = address(0xb0b);

    ClientAuthorityHarness private _authority;
    PolicyClientMock private _client;

    function setUp() public {
        _authority = new ClientAuthorityHarness();
        _client = new PolicyClientMock();
    }

    function word(address account) private pure returns (bytes32) {
        return bytes32(uint256(uint160(account)));
    }

    function test_actsFor_clientItself_succeeds() public view {
        assertTrue(_authority.actsFor(ALICE, ALICE), "an account acts for itself");
        assertTrue(_authority.actsFor(address(_client), address(_client)), "a contract acts for itself");
    }

    function test_actsFor_ownerOfClient_succeeds() public {
        _client.set(PolicyClientMock.Answer.Word, word(ALICE));
        assertTrue(_authority.actsFor(ALICE, address(_client)), "the owner");
        assertTrue(!_authority.actsFor(BOB, address(_client)), "nobody else");
    }

    function test_actsFor_clientHasNoCode_returnsFalse() public view {
        assertTrue(!_authority.actsFor(ALICE, BOB), "an account has no owner");
        assertTrue(!_authority.actsFor(ALICE, address(0)), "nor has the zero address");
    }

    function test_actsFor_ownerIsZero_returnsFalse() public {
        _client.set(PolicyClientMock.Answer.Word, bytes32(0));
        assertTrue(!_authority.actsFor(address(0), address(_client)), "zero is nobody");
    }

    function test_ownerOf_hostileAnswers_returnsZero() public {
        for (uint256 i = 1; i <= uint256(type(PolicyClientMock.Answer).max); ++i) {
            PolicyClientMock.Answer answer = PolicyClientMock.Answer(i);
            _client.set(answer, word(ALICE));
            assertTrue(_authority.ownerOf(address(_client)) == address(0), "only one word is an answer");
            assertTrue(!_authority.actsFor(ALICE, address(_client)), "and gives authority");
        }
    }

    function test_ownerOf_clientBurnsGas_costIsBounded() public {
        _client.set(PolicyClientMock.Answer.BurnGas, word(ALICE));
        uint256 before = gasleft();
        _authority.ownerOf(address(_client));
        assertTrue(before - gasleft() < 70_000, "the stipend bounds the cost");
    }

    function testFuzz_ownerOf_anyAnswer_equalsTwin(uint256 answer, bytes32 ownerWord) public {
        answer %= uint256(type(PolicyClientMock.Answer).max) + 1;
        _client.set(PolicyClientMock.Answer(answer), ownerWord);
        address got = _authority.ownerOf(address(_client));
        assertTrue(got == _authority.plainOwnerOf(address(_client)), "assembly and twin");
        bool isAddress = uint256(ownerWord) <= type(uint160).max;
        assertTrue(got == address(0) || isAddress, "dirty upper bits are no address");
    }

    function testFuzz_ownerOf_cleanWord_returnsIt(address owner) public {
        _client.set(PolicyClientMock.Answer.Word, word(owner));
        assertTrue(_authority.ownerOf(address(_client)) == owner, "the word");
        assertTrue(_authority.plainOwnerOf(address(_client)) == owner, "the twin");
    }
}
