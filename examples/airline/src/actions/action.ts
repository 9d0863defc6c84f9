/** An action is what the benchmark calls a tool: a function of the database and its arguments that returns a text. */
import type { DatabaseView } from '../database/database-view.ts';
import { bindArguments, type Bound, type Signature } from '../python/call.ts';
import type { PythonValue } from '../python/values.ts';

export interface Action {
  readonly name: string;
  readonly parameters: readonly string[];
  /** Whether it can change the database. */
  readonly writes: boolean;
  /** Throws what Python would raise. */
  run(database: DatabaseView, given: PythonValue): string;
}

interface Definition<Parameter extends string> {
  readonly name: string;
  /** In the order in which the original declares them. */
  readonly parameters: readonly Parameter[];
  readonly writes: boolean;
  run(database: DatabaseView, given: Bound<Parameter>): string;
}

export function defineAction<const Parameter extends string>(definition: Definition<Parameter>): Action {
  const { name, parameters, writes } = definition;
  const className = name.replaceAll(/(?:^|_)([a-z])/g, (_match, letter: string) => letter.toUpperCase());
  const signature: Signature<Parameter> = {
    qualifiedName: `${className}.invoke`,
    module: `tau_bench.envs.airline.tools.${name}`,
    parameters,
  };
  return { name, parameters, writes, run: (database, given) => definition.run(database, bindArguments(signature, given)) };
}
