// SPDX-License-Identifier: Apache-2.0
// An ERC-20 suite as contract developers write it.
const { expect } = require("chai");
const { ethers } = require("hardhat");
const helpers = require("@nomicfoundation/hardhat-network-helpers");

/* The node's error has the revert data; ethers decodes it, as hardhat's own matchers do. */
async function refused(promise, text, contract) {
    let error;
    await promise.catch((e) => (error = e));
    expect(error, "was not refused").to.not.equal(undefined);
    const data = error.data?.data ?? error.data;
    const known = typeof data === "string" && data.length > 2 ? contract.interface.parseError(data) : null;
    expect(`${error.message} ${known?.name ?? ""} ${known?.args ?? ""}`).to.contain(text);
}

describe("Token", () => {
    async function deployed() {
        const [owner, alice, bob] = await ethers.getSigners();
        const token = await ethers.deployContract("Token", [1000n]);
        return { token, owner, alice, bob };
    }

    it("mints the supply to its deployer", async () => {
        const { token, owner } = await helpers.loadFixture(deployed);
        expect(await token.totalSupply()).to.equal(1000n);
        expect(await token.balanceOf(owner.address)).to.equal(1000n);
    });

    it("transfers, and is there without waiting for a receipt", async () => {
        const { token, owner, alice } = await helpers.loadFixture(deployed);
        await token.transfer(alice.address, 50n);
        expect(await token.balanceOf(alice.address)).to.equal(50n);
        expect(await token.balanceOf(owner.address)).to.equal(950n);
    });

    it("begins each test at the fixture", async () => {
        const { token, alice } = await helpers.loadFixture(deployed);
        expect(await token.balanceOf(alice.address)).to.equal(0n);
    });

    it("tells events", async () => {
        const { token, owner, alice } = await helpers.loadFixture(deployed);
        const receipt = await (await token.transfer(alice.address, 7n)).wait();
        const event = receipt.logs.map((l) => token.interface.parseLog(l)).find((e) => e.name === "Transfer");
        expect([...event.args]).to.deep.equal([owner.address, alice.address, 7n]);
    });

    it("refuses to overdraw, naming the custom error", async () => {
        const { token, alice, bob } = await helpers.loadFixture(deployed);
        await refused(token.connect(alice).transfer(bob.address, 1n), "ERC20InsufficientBalance", token);
    });

    it("refuses to mint for others, with a reason for fail()", async () => {
        const { token, alice } = await helpers.loadFixture(deployed);
        await refused(token.connect(alice).mint(alice.address, 1n), "NotOwner", token);
        await refused(token.fail("no such thing"), "no such thing", token);
    });

    it("spends allowances", async () => {
        const { token, owner, alice, bob } = await helpers.loadFixture(deployed);
        await token.approve(alice.address, 100n);
        await token.connect(alice).transferFrom(owner.address, bob.address, 60n);
        expect(await token.allowance(owner.address, alice.address)).to.equal(40n);
        await refused(token.connect(alice).transferFrom(owner.address, bob.address, 41n), "ERC20InsufficientAllowance", token);
    });

    it("takes permits until their deadline", async () => {
        const { token, owner, alice } = await helpers.loadFixture(deployed);
        const types = { Permit: ["owner:address", "spender:address", "value:uint256", "nonce:uint256", "deadline:uint256"].map((f) => ({ name: f.split(":")[0], type: f.split(":")[1] })) };
        const domain = { name: "Token", version: "1", chainId: 31337, verifyingContract: await token.getAddress() };
        const deadline = BigInt(await helpers.time.latest()) + 100n;
        const sign = async (nonce) => ethers.Signature.from(await owner.signTypedData(domain, types, { owner: owner.address, spender: alice.address, value: 5n, nonce, deadline }));
        const s = await sign(0n);
        await token.permit(owner.address, alice.address, 5n, deadline, s.v, s.r, s.s);
        expect(await token.allowance(owner.address, alice.address)).to.equal(5n);
        await helpers.time.increaseTo(deadline + 1n);
        const late = await sign(1n);
        await refused(token.permit(owner.address, alice.address, 5n, deadline, late.v, late.r, late.s), "ERC2612ExpiredSignature", token);
    });

    it("works with the network helpers", async () => {
        const { token, bob } = await helpers.loadFixture(deployed);
        await helpers.impersonateAccount(await token.getAddress());
        await helpers.setBalance(await token.getAddress(), 10n ** 18n);
        const self = await ethers.getSigner(await token.getAddress());
        await self.sendTransaction({ to: bob.address, value: 1n });
        await helpers.stopImpersonatingAccount(await token.getAddress());
        const from = await helpers.time.latestBlock();
        await helpers.mine(20, { interval: 12 });
        expect(await helpers.time.latestBlock()).to.equal(from + 20);
        await helpers.setStorageAt(await token.getAddress(), 2, 77n);
        expect(await token.totalSupply()).to.equal(77n);
        await helpers.setNonce(bob.address, 500);
        expect(await ethers.provider.getTransactionCount(bob.address)).to.equal(500);
        await helpers.setNextBlockBaseFeePerGas(1234567n);
        await helpers.mine();
        expect((await ethers.provider.getBlock("latest")).baseFeePerGas).to.equal(1234567n);
        const snapshot = await helpers.takeSnapshot();
        await helpers.mine(3);
        await snapshot.restore();
        expect(await helpers.time.latestBlock()).to.equal(from + 21);
    });
});
