// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Token} from "../contracts/Token.sol";

interface Vm {
    function startBroadcast() external;
    function stopBroadcast() external;
}

/// @notice Deploys the token (once by CREATE2) and sends some of it.
contract Deploy {
    Vm private constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    function run() external returns (Token token) {
        vm.startBroadcast();
        token = new Token(1_000_000);
        Token second = new Token{salt: bytes32(uint256(1))}(5);
        token.transfer(address(second), 123);
        token.tick(0, 3);
        vm.stopBroadcast();
        require(token.balanceOf(address(second)) == 123, "transfer");
    }
}
