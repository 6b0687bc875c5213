// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title PolicyClientMock
/// @notice A client contract whose answer to `getOwner()` a test chooses, fair or hostile.
contract PolicyClientMock {
    /// @notice How `getOwner()` behaves.
    enum Answer {
        Word,
        Nothing,
        ShortWord,
        TwoWords,
        LongReturn,
        Revert,
        RevertWithWord,
        BurnGas,
        Write
    }

    Answer private _answer;
    bytes32 private _word;

    /// @notice Sets the behaviour and the word it may return.
    function set(Answer answer, bytes32 word) external {
        _answer = answer;
        _word = word;
    }

    /// @notice The owner, in the chosen way.
    function getOwner() external returns (address) {
        Answer answer = _answer;
        bytes32 word = _word;
        if (answer == Answer.Write) _word = ~word;
        // Nothing else can be expected of an endless loop.
        while (answer == Answer.BurnGas) {
            word = keccak256(abi.encode(word));
        }
        uint256 size = 32;
        if (answer == Answer.Nothing) size = 0;
        if (answer == Answer.ShortWord) size = 31;
        if (answer == Answer.TwoWords) size = 64;
        // 2^16 bytes: as much as fits the gas a client gets.
        if (answer == Answer.LongReturn) size = 65_536;
        bool isRevert = answer == Answer.Revert || answer == Answer.RevertWithWord;
        assembly ("memory-safe") {
            let out := mload(0x40)
            mstore(out, word)
            if isRevert {
                revert(out, size)
            }
            return(out, size)
        }
    }
}
