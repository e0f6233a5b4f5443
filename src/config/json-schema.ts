import { z } from 'zod';
import type { Registry } from './load.ts';
import { topLevel } from './schema.ts';
import { written } from './units.ts';

/** JSON Schema of a part of the configuration, as people write it. */
export type JsonSchema = z.core.JSONSchema.BaseSchema;

/** JSON Schema of settings. */
export function jsonSchemaOf(schema: z.ZodType): JsonSchema {
  return z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      const { def } = zodSchema._zod;
      if (def.type === 'default') jsonSchema.default ??= written(def.innerType, def.defaultValue);
    },
  });
}

/** JSON Schema of the configuration, for editors. */
export function configJsonSchema(registry: Registry): string {
  const union = (types: Registry['inputs']): z.ZodType => {
    const [first, ...rest] = Object.values(types).map(({ config }) => config);
    if (first === undefined) throw new RangeError('no types are registered');
    return z.record(z.string(), z.union([first, ...rest]));
  };
  const { inputs, outputs } = topLevel.shape;
  const whole = topLevel.extend({
    inputs: union(registry.inputs).meta(inputs.meta() ?? {}),
    outputs: union(registry.outputs).meta(outputs.meta() ?? {}),
  });
  return `${JSON.stringify({ title: 'brokertap', ...jsonSchemaOf(whole) }, undefined, 2)}\n`;
}
