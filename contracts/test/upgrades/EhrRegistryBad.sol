// SPDX-License-Identifier: Apache-2.0
// A next version as it must not be: `validate` has to refuse each of these.
pragma solidity 0.8.37;

import {EhrRegistry} from "../../src/EhrRegistry.sol";

/// @dev A field before the others moves all that was stored.
contract EhrRegistryBadOrder {
    struct Account {
        EhrRegistry.Role role;
        EhrRegistry.AccountStatus status;
        uint64 validUntil;
    }

    /// @custom:storage-location erc7201:ehrd.storage.Registry
    struct RegistryStorage {
        mapping(address account => bytes32) keyCards;
        mapping(address account => Account) accounts;
    }
}

/// @dev The implementation could be destroyed, or another's code run in its place.
contract EhrRegistryBadDelegate is EhrRegistry {
    /// @custom:oz-upgrades-unsafe-allow constructor
    constructor(address forwarder_) EhrRegistry(forwarder_) {}

    function run(address code, bytes calldata data) external {
        (bool done,) = code.delegatecall(data);
        require(done);
    }
}
