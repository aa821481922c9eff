// SPDX-License-Identifier: Apache-2.0
// A next version as it should be: everything of the first, a namespace of its own, an initializer.
pragma solidity 0.8.37;

import {EhrRegistry} from "../../src/EhrRegistry.sol";

contract EhrRegistryV2 is EhrRegistry {
    /// @custom:storage-location erc7201:ehrd.storage.Second
    struct SecondStorage {
        uint256 answer;
    }

    /// @dev keccak256(abi.encode(uint256(keccak256("ehrd.storage.Second")) - 1)) &
    /// ~bytes32(uint256(0xff))
    bytes32 private constant SECOND_STORAGE =
        0xf608ac97afa11a1af34e624e8f8a7c0b9a54a6b2f71690a5ffce36c4ed513900;

    /// @custom:oz-upgrades-unsafe-allow constructor
    constructor(address forwarder_) EhrRegistry(forwarder_) {}

    /// @custom:oz-upgrades-validate-as-initializer
    function initializeV2(uint256 answer_) external reinitializer(2) {
        _second().answer = answer_;
    }

    function answer() external view returns (uint256) {
        return _second().answer;
    }

    function version() external pure override returns (string memory) {
        return "2.0.0";
    }

    function _second() private pure returns (SecondStorage storage $) {
        assembly {
            $.slot := SECOND_STORAGE
        }
    }
}
