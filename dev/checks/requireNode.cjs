const { engines } = require('../../package.json');

/*
 * Before `npm start` and `npm test`: ends with 1 where they do not run with this Node.js. Dependencies would refuse it too,
 * but by names that nobody knows here. In syntax that every Node.js reads.
 */

const version = process.versions.node;
const [major, minor] = version.split('.').map(Number);
const isSupported = (major === 20 && minor >= 19) || (major === 22 && minor >= 13) || major >= 24;
if (!isSupported) {
  console.error(`Node.js ${version} is not supported: use ${engines.node}, for example with "nvm install 24".`);
  process.exitCode = 1;
}
