/** What a run of the benchmark has found, part by part. */
import { FOREIGN_CORES_MAX, type Watched } from '../machine/interference.ts';
import { figureOf, type Figure, type FigureInput } from './figure.ts';
import { numberText, textTable } from './table.ts';

export interface Part {
  readonly title: string;
  readonly figures: readonly Figure[];
  /** Conditions, and repeats that were discarded. */
  readonly notes: readonly string[];
}

export interface Conditions {
  readonly date: string;
  readonly commit: string;
  readonly machine: string;
  readonly node: string;
  readonly directory: string;
  readonly quick: boolean;
}

export interface Results {
  readonly conditions: Conditions;
  readonly parts: readonly Part[];
}

export class PartBuilder {
  readonly #title: string;
  readonly #figures: Figure[] = [];
  readonly #notes: string[] = [];

  constructor(title: string) {
    this.#title = title;
  }

  add(figure: FigureInput): void {
    this.#figures.push(figureOf(figure));
  }

  note(text: string): void {
    this.#notes.push(text);
  }

  /** The repeats in which other programs kept quiet; all of them, marked, if there is none. What is discarded is noted. */
  undisturbed<Value>(what: string, repeats: readonly Watched<Value>[]): { readonly kept: readonly Watched<Value>[]; readonly disturbed: boolean } {
    const kept = repeats.filter(({ foreignCores }) => foreignCores <= FOREIGN_CORES_MAX);
    const used = repeats.map(({ foreignCores }) => numberText(foreignCores)).join(', ');
    if (kept.length === 0) {
      this.note(`${what}: every repeat was disturbed (other programs used ${used} cores). The figures are of all of them.`);
      return { kept: repeats, disturbed: true };
    }
    if (kept.length < repeats.length) this.note(`${what}: ${repeats.length - kept.length} of ${repeats.length} repeats discarded (other programs used ${used} cores).`);
    return { kept, disturbed: false };
  }

  end(): Part {
    return { title: this.#title, figures: this.#figures, notes: this.#notes };
  }
}

export function partText({ title, figures, notes }: Part): string {
  return [`\n${title}`, '', textTable(figures), ...notes.map((note) => `  · ${note}`)].join('\n');
}
