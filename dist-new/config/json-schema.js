import { z } from 'zod';
import { topLevel } from './schema.js';
/** JSON Schema of the configuration, for editors. */
export function configJsonSchema(registry) {
    const union = (types) => {
        const [first, ...rest] = Object.values(types).map(({ config }) => config);
        if (first === undefined)
            throw new RangeError('no types are registered');
        return z.record(z.string(), z.union([first, ...rest]));
    };
    const whole = topLevel.extend({ inputs: union(registry.inputs), outputs: union(registry.outputs) });
    const schema = z.toJSONSchema(whole, { io: 'input', unrepresentable: 'any' });
    return `${JSON.stringify({ title: 'brokertap', ...schema }, undefined, 2)}\n`;
}
