import { MAX_JSON_CHARACTERS, type Carrier } from '../rpc/frame.ts';
import { RpcPeer } from '../rpc/rpc-peer.ts';
import { connectHost } from './connect-host.ts';
import { IsolateServer } from './isolate-server.ts';

/** What runs inside a thread or process: connects to the host and serves it. Imports no muscle until it is told to. */
const carrier: Carrier = connectHost((frame) => peer.receive(frame));
const server: IsolateServer = new IsolateServer({
  request: (method, params) => peer.request(method, params),
  notify: (method, params) => peer.notify(method, params),
});
const peer: RpcPeer = new RpcPeer({ carrier, handlers: server, sendLimit: MAX_JSON_CHARACTERS });
