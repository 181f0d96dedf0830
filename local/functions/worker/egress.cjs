'use strict';
/**
 * Nothing that goes through Node's networking reaches another host: not a real AWS account by mistake, not the internet. Native
 * addons and child processes are beyond it, so this is a guard against accidents, no sandbox.
 */
const dgram = require('node:dgram');
const dns = require('node:dns');
const { syncBuiltinESMExports } = require('node:module');
const net = require('node:net');

const LOOPBACK = '127.0.0.1';

/** The host to connect to instead, or undefined when it is no loopback address. */
function loopback(host) {
  if (host === undefined || host === null || host === '') return LOOPBACK;
  const name = String(host)
    .toLowerCase()
    .replace(/^\[|\]$/g, '');
  if (net.isIP(name)) {
    const v4 = name.replace(/^::ffff:/, '');
    return v4.startsWith('127.') || v4 === '0.0.0.0' || name === '::1' || name === '::' ? name : undefined;
  }
  // SDK clients put a prefix before the endpoint's host, such as StartSyncExecution's "sync-127.0.0.1".
  return /(^|[-.])(127\.0\.0\.1|localhost)\.?$/.test(name) ? LOOPBACK : undefined;
}

function blocked(host) {
  const error = new Error(
    `stepworks: egress blocked: ${host} is not this machine, and a function that runs locally reaches nothing else${hint(host)}`,
  );
  return Object.assign(error, { code: 'EGRESS_BLOCKED', hostname: host });
}

/** Which client went past the local endpoint, told by the host's labels: `sqs.eu-west-1.amazonaws.com`. */
function hint(host) {
  const labels = String(host).toLowerCase().split('.');
  const end = labels.findIndex((label, i) => label === 'amazonaws' && labels[i + 1] === 'com');
  if (end < 0) return '';
  const region = labels.findIndex((label, i) => i < end && /^[a-z]{2}(-[a-z]+)+-\d$/.test(label));
  const service = region === 0 ? labels[1] : labels[(region > 0 ? region : end) - 1];
  return `. It is the address of the AWS service "${service}": its client had an endpoint or a URL of its own instead of AWS_ENDPOINT_URL`;
}

function guardNetwork() {
  guardSockets();
  guardDns();
  guardDatagrams();
  guardFetch();
  syncBuiltinESMExports();
}

/** Every TCP connection of net, tls, http, http2, fetch and WebSocket comes through here. */
function guardSockets() {
  const { connect } = net.Socket.prototype;
  net.Socket.prototype.connect = function (...args) {
    // http's agents and net.connect hand over an array that is normalized already: [options, callback].
    const normalized = Array.isArray(args[0]) ? args[0] : net._normalizeArgs(args);
    const options = normalized[0];
    if (options.path) return connect.apply(this, args); // a socket in the file system
    const host = loopback(options.host);
    if (host === undefined) {
      const error = blocked(options.host);
      process.nextTick(() => this.destroy(error));
      return this;
    }
    normalized[0] = { ...options, host };
    return connect.call(this, normalized);
  };
}

function guardDns() {
  const { lookup } = dns;
  const { lookup: lookupPromise } = dns.promises;
  dns.lookup = (hostname, options, callback) => {
    const done = typeof options === 'function' ? options : callback;
    const host = loopback(hostname);
    if (host === undefined) process.nextTick(() => done(blocked(hostname)));
    else if (typeof options === 'function') lookup(host, done);
    else lookup(host, options, done);
  };
  dns.promises.lookup = async (hostname, options) => {
    const host = loopback(hostname);
    if (host === undefined) throw blocked(hostname);
    return lookupPromise(host, options);
  };
  // The rest asks a name server, which is another host.
  const isQuery = (name) => /^(resolve|reverse|lookupService)/.test(name);
  for (const target of [dns, dns.Resolver.prototype]) {
    for (const name of Object.getOwnPropertyNames(target).filter(isQuery)) {
      target[name] = (query, ...rest) => process.nextTick(() => rest.at(-1)?.(blocked(query)));
    }
  }
  for (const target of [dns.promises, dns.promises.Resolver.prototype]) {
    for (const name of Object.getOwnPropertyNames(target).filter(isQuery)) {
      target[name] = async (query) => {
        throw blocked(query);
      };
    }
  }
}

function guardDatagrams() {
  const { prototype } = dgram.Socket;
  const { send, connect } = prototype;
  prototype.send = function (...args) {
    const callback = typeof args.at(-1) === 'function' ? args.at(-1) : undefined;
    const address = args.filter((arg) => arg !== callback).findLast((arg) => typeof arg === 'string' && arg !== args[0]);
    if (address === undefined || loopback(address) !== undefined) return send.apply(this, args);
    const error = blocked(address);
    process.nextTick(() => (callback ? callback(error) : this.emit('error', error)));
    return undefined;
  };
  prototype.connect = function (port, address, callback) {
    if (typeof address === 'function' || loopback(address) !== undefined) return connect.call(this, port, address, callback);
    throw blocked(address);
  };
}

/** `fetch` hides why it failed in the error's cause; here the reason is the message. */
function guardFetch() {
  const { fetch } = globalThis;
  globalThis.fetch = async function (...args) {
    try {
      return await fetch.apply(this, args);
    } catch (error) {
      if (error?.cause?.code === 'EGRESS_BLOCKED') throw new TypeError(error.cause.message, { cause: error.cause });
      throw error;
    }
  };
}

module.exports = { guardNetwork, loopback };
