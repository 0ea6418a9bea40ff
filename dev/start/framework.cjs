/* Changes that the local plugin makes to the Serverless Framework and to other plugins. */

const { setTimeout: sleep } = require('node:timers/promises');
const { getPluginWriters } = require('serverless/lib/utils/serverless-utils/log');

/** Environment for an emulator on this machine, which accepts any credentials. */
const EMULATOR_ACCESS = {
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
  // Profiles are for AWS: a missing or expired one must not get in the way here.
  AWS_CONFIG_FILE: '/dev/null',
  AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
};

/** AWS settings of the shell, for example a profile or a region, do not apply to an emulator. */
function replaceAwsSettings() {
  for (const name of Object.keys(process.env)) {
    if (name.startsWith('AWS_') && name !== 'AWS_ENDPOINT_URL') delete process.env[name];
  }
  Object.assign(process.env, EMULATOR_ACCESS);
}

/** Validation takes longer than Redis and the queues together. Packaging and deploying still validate. */
function leaveOutValidation({ configSchemaHandler }) {
  configSchemaHandler.validateConfig = async () => {};
}

/** Ctrl-C ends the bundler too. Its error may arrive before this process handles the signal. */
function letSignalsEndBundling(serverless) {
  const esbuild = findPlugin(serverless, 'EsbuildServerlessPlugin');
  const { bundle } = esbuild;
  esbuild.bundle = async (...args) => {
    try {
      return await bundle(...args);
    } catch (error) {
      await sleep(500);
      throw error;
    }
  };
}

/** serverless-offline prints a stack trace each time that a replay fails. replays.ts says it in one sentence, once. */
function leaveOutErrorsOfReplays() {
  const { log } = getPluginWriters('serverless-offline');
  const { error } = log;
  let isOfReplay = false;
  const value = (...args) => {
    const isHeading = /^Unhandled exception in handler '(.*)'/.exec(args[0]);
    if (!isOfReplay && isHeading?.[1] !== 'replayArchive') return error(...args);
    // After the heading comes the stack trace.
    isOfReplay = Boolean(isHeading);
  };
  Object.defineProperty(log, 'error', { value });
}

/** Lists these places after a deployment, without the framework's second URL of the API. */
function showPlaces(serverless, places) {
  serverless.addServiceOutputSection('on LocalStack', places);
  findPlugin(serverless, 'AwsInfo').gatheredData.info.endpoints = [];
}

/**
 * `serverless remove` also looks for container images in ECR. LocalStack's free image has no ECR: its answer would end the
 * command with an error although the stack is gone.
 */
function leaveOutContainerImages(serverless) {
  findPlugin(serverless, 'AwsRemove').checkIfEcrRepositoryExists = async () => false;
}

/** Ends `serverless remove` where there is nothing to remove, which the framework reports as an error. */
async function endWithoutStack(provider) {
  const StackName = provider.naming.getStackName();
  try {
    await provider.request('CloudFormation', 'describeStacks', { StackName });
  } catch (error) {
    if (!error.message.includes('does not exist')) throw error;
    console.log(`There is no stack ${StackName} in ${provider.getRegion()}, so there is nothing to remove.`);
    process.exit(0);
  }
}

/** Empties the archive before `serverless remove`: LocalStack deletes no bucket with more than 1,000 objects. */
async function emptyArchive(provider) {
  const { Stacks } = await provider.request('CloudFormation', 'describeStacks', {
    StackName: provider.naming.getStackName(),
  });
  const output = Stacks[0].Outputs?.find(({ OutputKey }) => OutputKey === 'OrdersArchiveBucketName');
  if (!output) return;
  const archive = { Bucket: output.OutputValue };
  for (;;) {
    const { Contents } = await provider.request('S3', 'listObjectsV2', archive);
    if (!Contents?.length) return;
    await provider.request('S3', 'deleteObjects', {
      ...archive,
      Delete: { Objects: Contents.map(({ Key }) => ({ Key })) },
    });
  }
}

const findPlugin = ({ pluginManager }, name) =>
  pluginManager.plugins.find((plugin) => plugin.constructor.name === name);

module.exports = {
  EMULATOR_ACCESS,
  emptyArchive,
  endWithoutStack,
  leaveOutContainerImages,
  leaveOutErrorsOfReplays,
  leaveOutValidation,
  letSignalsEndBundling,
  replaceAwsSettings,
  showPlaces,
};
