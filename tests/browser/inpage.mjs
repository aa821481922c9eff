// SPDX-License-Identifier: Apache-2.0
// What the wallet puts into the page: MetaMask's own provider, announced by EIP-6963, at the end of a channel. No key is here.
import { initializeProvider } from '@metamask/providers';
import ObjectMultiplex from '@metamask/object-multiplex';
import { Duplex } from 'readable-stream';

const ICON = 'data:image/svg+xml;base64,PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciIHdpZHRoPSIxIiBoZWlnaHQ9IjEiLz4=';
if (window.isSecureContext && location.protocol.startsWith('http')) start(); // not in about:blank

function start() {
  const channel = new Duplex({
    objectMode: true,
    read() {},
    write(message, _encoding, done) {
      window.walletOut(JSON.stringify(message)).then(() => done(), done);
    },
  });
  window.walletIn = (text) => channel.push(JSON.parse(text));

  const Multiplex = ObjectMultiplex.ObjectMultiplex ?? ObjectMultiplex.default ?? ObjectMultiplex;
  const mux = new Multiplex();
  mux.on('error', () => undefined);
  channel.pipe(mux).pipe(channel);
  const quiet = () => undefined;
  initializeProvider({
    connectionStream: mux.createStream('metamask-provider'),
    logger: { ...console, debug: quiet, log: quiet, info: quiet, warn: quiet },
    shouldSendMetadata: false,
    shouldSetOnWindow: true,
    providerInfo: { uuid: crypto.randomUUID(), name: 'MetaMask', rdns: 'io.metamask', icon: ICON },
  });
}
