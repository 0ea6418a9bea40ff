import * as v from 'valibot';
import { stageConfig } from '../../lib/config.ts';

const TOPIC = /^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]+(\.fifo)?$/;
const RULE = /^arn:aws[a-z-]*:events:[a-z0-9-]+:\d{12}:rule\/[A-Za-z0-9._/-]+$/;

const Service = v.object({
  provider: v.object({ environment: v.record(v.string(), v.unknown()) }),
  custom: v.object({ producerArns: v.string() }),
});

/**
 * Checks the settings of a stage before it is deployed. The functions would report them only when they are called.
 *
 * @returns the problem as a sentence; undefined if there is none
 */
export function settingsProblem(service: unknown): string | undefined {
  const { provider, custom } = v.parse(Service, service);
  try {
    stageConfig(provider.environment);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  const wrong = custom.producerArns.split(',').find((arn) => arn !== '' && !TOPIC.test(arn) && !RULE.test(arn));
  if (wrong === undefined) return undefined;
  return `PRODUCER_ARNS must be ARNs of SNS topics and EventBridge rules, separated by commas: "${wrong}" is neither`;
}
