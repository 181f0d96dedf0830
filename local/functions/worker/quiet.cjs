'use strict';
/**
 * Tells when the thread does nothing any more but wait for the network: time may pass then. Real timers don't count, as SDK clients leave
 * some behind with every request.
 */
const WAITING = new Set(['Immediate', 'MessagePort', 'PipeWrap', 'TCPServerWrap', 'TCPSocketWrap', 'TTYWrap', 'Timeout']);

/** What follows from one thing is begun within as many turns. */
const TURNS = 3;

function whenQuiet(then) {
  let turns = 0;
  const turn = () => {
    const atWork = process.getActiveResourcesInfo().some((kind) => !WAITING.has(kind));
    turns = atWork ? 0 : turns + 1;
    if (atWork) setTimeout(turn, 1);
    else if (turns < TURNS) setImmediate(turn);
    else then();
  };
  turn();
}

module.exports = { whenQuiet };
