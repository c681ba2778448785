import { SpecError, validateSpec } from '@trueup/core';
import { MCPServer } from './resource.js';

/**
 * The spec with its defaults. The API server has filled them in and checked everything, except in objects that were stored
 * before the schema said so.
 *
 * @throws {@link SpecError} naming the first field that is wrong.
 */
export function validSpec({ spec }: MCPServer): MCPServer['spec'] {
  // That the image is missing is said when the run configuration is checked, in the words users know.
  const withImage: unknown = Object.assign({ image: '' }, spec);
  const { data } = MCPServer.definition.spec.safeParse(withImage);
  if (data !== undefined) return data;
  const [problem] = validateSpec(MCPServer, withImage);
  throw new SpecError(problem === undefined ? 'the spec is invalid' : `${problem.path}: ${problem.message}`);
}
