// SPDX-License-Identifier: Apache-2.0
// Hardhat on our port, compiling with npm's solc instead of downloading a compiler.
const { subtask } = require("hardhat/config");
const { TASK_COMPILE_SOLIDITY_GET_SOLC_BUILD } = require("hardhat/builtin-tasks/task-names");
const path = require("node:path");
require("@nomicfoundation/hardhat-ethers");

const solc = path.join(__dirname, "../../contracts/node_modules/solc");
subtask(TASK_COMPILE_SOLIDITY_GET_SOLC_BUILD, async () => {
    const { version } = require(path.join(solc, "package.json"));
    return { compilerPath: path.join(solc, "soljson.js"), isSolcJs: true, version, longVersion: require(solc).version() };
});

const work = process.env.HARDHAT_WORK;
module.exports = {
    solidity: { version: "0.8.37", settings: { evmVersion: "cancun", optimizer: { enabled: true, runs: 200 } } },
    defaultNetwork: "ehrd",
    networks: { ehrd: { url: process.env.RPC_URL } },
    paths: { sources: path.join(__dirname, "contracts"), artifacts: path.join(work, "artifacts"), cache: path.join(work, "cache") },
    mocha: { timeout: 30000 },
};
