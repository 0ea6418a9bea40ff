const { engines } = require('../../package.json');

/*
 * Runs before `npm start` and `npm test`, and fails under a Node.js that they do not support. Dependencies would fail too, but
 * less clearly. Its syntax is one that every Node.js reads.
 */

const version = process.versions.node;
const [major, minor] = version.split('.').map(Number);
const isSupported = (major === 20 && minor >= 19) || (major === 22 && minor >= 13) || major >= 24;
if (!isSupported) {
  console.error(`Node.js ${version} is not supported: use ${engines.node}, for example with "nvm install 24".`);
  process.exit(1);
}
