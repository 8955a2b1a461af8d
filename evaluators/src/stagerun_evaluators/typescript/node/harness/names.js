'use strict';

/** Names in order, each once: the second of two equal ones gets ` (2)`. The same in the harness and in the real jest's reporter. */
function numbered() {
  const seen = new Map();
  return (name) => {
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    return count === 1 ? name : `${name} (${count})`;
  };
}

module.exports = { numbered };
