'use strict';

const SIZE = 256;
const DROPPED = 1024; // the first bytes of this cipher's stream tell of its key

/**
 * The bytes, encrypted or decrypted (RC4): the file with the compiled tests lies in the candidate's folder, and what reads it must not be
 * able to look up the answers there. A key is used once. `node:crypto` is not to be had in a snapshot.
 */
function ciphered(bytes, key) {
  const state = Array.from({ length: SIZE }, (_, index) => index);
  for (let index = 0, other = 0; index < SIZE; index++) {
    other = (other + state[index] + key.charCodeAt(index % key.length)) % SIZE;
    [state[index], state[other]] = [state[other], state[index]];
  }
  let one = 0;
  let two = 0;
  const next = () => {
    one = (one + 1) % SIZE;
    two = (two + state[one]) % SIZE;
    const held = state[one];
    state[one] = state[two];
    state[two] = held;
    return state[(state[one] + state[two]) % SIZE];
  };
  for (let count = 0; count < DROPPED; count++) next();
  return bytes.map((byte) => byte ^ next());
}

module.exports = { ciphered };
