// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";

/// @notice What the tests of client libraries deploy: an ERC-20 with permits.
contract Token is ERC20Permit {
    error NotOwner(address caller);

    event Ticked(uint256 indexed n);

    address public immutable owner;

    constructor(uint256 supply) ERC20("Token", "TOK") ERC20Permit("Token") {
        owner = msg.sender;
        _mint(msg.sender, supply);
    }

    function mint(address to, uint256 amount) external {
        if (msg.sender != owner) revert NotOwner(msg.sender);
        _mint(to, amount);
    }

    /// @notice Emits n events.
    function tick(uint256 from, uint256 n) external {
        for (uint256 i = from; i < from + n; ++i) emit Ticked(i);
    }

    function fail(string calldata why) external pure {
        revert(why);
    }

    function divide(uint256 a, uint256 b) external pure returns (uint256) {
        return a / b;
    }

    /// @notice Burns all gas that it is given.
    function burn() external view returns (uint256 n) {
        while (true) n += gasleft();
    }

    /// @notice Uses words of memory.
    function hog(uint256 words) external pure returns (uint256) {
        uint256[] memory a = new uint256[](words);
        return a.length;
    }
}
