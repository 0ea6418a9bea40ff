import { readFileSync } from 'node:fs';
import * as v from 'valibot';
import { packageVariant, VARIANTS } from '../../dev/checks/package.ts';

const Resource = v.looseObject({
  Type: v.string(),
  DeletionPolicy: v.optional(v.string()),
  UpdateReplacePolicy: v.optional(v.string()),
  Properties: v.optional(v.record(v.string(), v.unknown()), {}),
});
const Template = v.object({
  Parameters: v.record(v.string(), v.unknown()),
  Resources: v.record(v.string(), Resource),
});

/** A resource of a CloudFormation template. */
type Resource = v.InferOutput<typeof Resource>;

/** What a stage is deployed with. */
export type Deployment = {
  /** All that AWS gets to read. */
  readonly text: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly resources: Readonly<Record<string, Resource>>;
  /** The resources of a type, by their names. */
  ofType(type: string): Record<string, Resource>;
  /** The properties of a resource. */
  properties(name: string): Record<string, unknown>;
};

/** Packages one of {@link VARIANTS} and reads what came out. */
export async function packaged(variant: keyof typeof VARIANTS): Promise<Deployment> {
  const { template, state, remove } = await packageVariant(VARIANTS[variant]);
  const text = readFileSync(template, 'utf8');
  const { Parameters: parameters, Resources: resources } = v.parse(Template, JSON.parse(text));
  const deployment: Deployment = {
    text: text + readFileSync(state, 'utf8'),
    parameters,
    resources,
    ofType: (type) => Object.fromEntries(Object.entries(resources).filter(([, { Type }]) => Type === type)),
    properties: (name) => {
      const resource = resources[name];
      if (!resource) throw new Error(`${variant} has no resource ${name}`);
      return resource.Properties;
    },
  };
  remove();
  return deployment;
}
