/* Changes that the local plugin makes to the Serverless Framework and to other plugins. */

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
  replaceAwsSettings,
  showPlaces,
};
