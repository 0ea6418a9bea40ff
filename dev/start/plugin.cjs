const { mkdtempSync, rmSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const {
  EMULATOR_ACCESS,
  emptyArchive,
  endWithoutStack,
  leaveOutContainerImages,
  replaceAwsSettings,
  showPlaces,
} = require('./framework.cjs');
const { loadTypeScript } = require('./loadTypeScript.cjs');

/** Commands that ask AWS, or LocalStack on the stages that are deployed there. */
const DEPLOYMENT_COMMANDS = [
  'deploy',
  'deploy function',
  'deploy list',
  'info',
  'invoke',
  'logs',
  'remove',
  'rollback',
];

/** Commands that set REDIS_URL of the functions. */
const REDIS_COMMANDS = ['deploy', 'deploy function', 'package', 'invoke local'];

/** Commands after which serverless-esbuild leaves a copy of each function. */
const PACKAGING_COMMANDS = ['deploy', 'deploy function', 'package'];

/** An exit, unlike a process that a signal ends, removes temporary folders. */
const exit = () => process.exit(130);
const exitOnSignals = () => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, exit);
};

/**
 * Commands of the framework on this machine, and checks before a deployment:
 *
 * - `serverless invoke local` ends, although a connection to Redis is open, and works without an archive
 * - `serverless deploy` looks for LocalStack first, and shows where everything is
 * - `serverless remove` works without ECR, without a stack, and with a full archive
 * - nothing is packaged with a setting that cannot work
 *
 * In JavaScript, because the framework loads plugins with require().
 */
module.exports = class LocalPlugin {
  constructor(serverless) {
    const { service } = serverless;
    const command = serverless.processedInput.commands.join(' ');
    const isOnLocalStack = service.custom.localstack.stages.includes(service.provider.stage);
    if (isOnLocalStack) {
      replaceAwsSettings();
      checkEndpoint(process.env.AWS_ENDPOINT_URL);
    }
    if (PACKAGING_COMMANDS.includes(command)) removeTemporaryFiles();
    this.hooks = {
      // The hooks of `invoke local` and `remove` are too late: the framework has read the environment, or asked for the stack.
      initialize: async () => {
        if (command === 'invoke local' && service.provider.stage === 'local') {
          Object.assign(service.provider.environment, EMULATOR_ACCESS);
          const { useServersOfThisMachine } = await loadTypeScript('invokeLocal');
          await useServersOfThisMachine(serverless);
        }
        if (isOnLocalStack && DEPLOYMENT_COMMANDS.includes(command)) await check('localStack', 'localStackProblem');
        if (isOnLocalStack && REDIS_COMMANDS.includes(command)) {
          await check('localStack', 'redisSettingProblem', service.provider.environment.REDIS_URL);
        }
        if (command === 'remove') await endWithoutStack(serverless.getProvider('aws'));
      },
      'before:package:initialize': () => check('settings', 'settingsProblem', service),
      'after:invoke:local:invoke': () => process.exit(),
      'after:aws:info:gatherData': async () => {
        if (!isOnLocalStack) return;
        const { placesOf } = await loadTypeScript('localStack');
        const { stage, environment } = service.provider;
        // The environment of `serverless info` may differ from that of the deployment.
        showPlaces(serverless, placesOf(stage, command === 'info' ? undefined : environment.REDIS_URL));
      },
      'before:remove:remove': async () => {
        if (!isOnLocalStack) return;
        leaveOutContainerImages(serverless);
        await emptyArchive(serverless.getProvider('aws'));
      },
    };
  }
};

/** Puts all temporary files of this process into a folder that is removed when the process exits. */
function removeTemporaryFiles() {
  const folder = mkdtempSync(join(tmpdir(), 'orders-package-'));
  process.env.TMPDIR = folder;
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  exitOnSignals();
}

/** Given an endpoint that is not a URL, serverless-localstack would print a stack trace. */
function checkEndpoint(text) {
  if (!text || (/^https?:\/\//.test(text) && URL.canParse(text))) return;
  fail('AWS_ENDPOINT_URL must be a URL such as http://localhost:4566.');
}

/** Ends the command with the sentence that a function in TypeScript returns, if it returns one. */
async function check(file, name, ...args) {
  const problem = await (await loadTypeScript(file))[name](...args);
  if (problem) fail(problem);
}

/** Does not throw: the framework would print a stack trace or lines about itself, and wait for open connections. */
function fail(message) {
  console.error(message);
  process.exit(1);
}
