/** Values of a metric's labels, in the order in which it names them. */
type LabelValues = readonly string[];

/** Series of one metric; what comes after them is counted in one that says `other`. Labels must never fill the memory. */
const MOST_SERIES = 2000;
const OTHER = 'other';

interface Described {
  readonly name: string;
  readonly help: string;
  readonly labels: readonly string[];
}

/** Something that `/metrics` shows. */
export interface Metric {
  /** Lines of the Prometheus text format, version 0.0.4. */
  render(): string[];
}

/** Values by label. What makes a series is bounded here, whatever the caller passes. */
class Series<T> {
  readonly #about: Described;
  readonly #make: () => T;
  readonly #values = new Map<string, { readonly labels: LabelValues; value: T }>();

  constructor(about: Described, make: () => T) {
    this.#about = about;
    this.#make = make;
  }

  at(labels: LabelValues): { value: T } {
    const key = labels.join('\u0000');
    const known = this.#values.get(key);
    if (known) return known;
    if (this.#values.size >= MOST_SERIES && labels.some((value) => value !== OTHER))
      return this.at(labels.map(() => OTHER));
    const made = { labels, value: this.#make() };
    this.#values.set(key, made);
    return made;
  }

  lines(type: string, each: (labels: string, value: T) => string[]): string[] {
    const { name, help } = this.#about;
    const series = [...this.#values.values()].flatMap(({ labels, value }) => each(this.#text(labels), value));
    return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...series];
  }

  #text(values: LabelValues): string {
    return this.#about.labels.map((label, index) => `${label}="${escaped(values[index] ?? '')}"`).join(',');
  }
}

/** Only ever grows. */
export class Counter implements Metric {
  readonly #name: string;
  readonly #series: Series<number>;

  constructor(name: string, help: string, labels: readonly string[] = []) {
    this.#name = name;
    this.#series = new Series({ name, help, labels }, () => 0);
    if (labels.length === 0) this.#series.at([]);
  }

  add(...labels: string[]): void {
    this.#series.at(labels).value++;
  }

  render(): string[] {
    return this.#series.lines('counter', (labels, value) => [`${this.#name}${braced(labels)} ${value}`]);
  }
}

/** Asked for its values when it is shown. */
export class Gauge implements Metric {
  readonly #about: Described;
  readonly #read: () => Iterable<readonly [labels: LabelValues, value: number]>;

  constructor(about: Described, read: () => Iterable<readonly [labels: LabelValues, value: number]>) {
    this.#about = about;
    this.#read = read;
  }

  render(): string[] {
    const series = new Series(this.#about, () => 0);
    for (const [labels, value] of this.#read()) series.at(labels).value = value;
    return series.lines('gauge', (labels, value) => [`${this.#about.name}${braced(labels)} ${value}`]);
  }
}

/** Upper bounds in seconds. */
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** How long something took, in seconds. */
export class Histogram implements Metric {
  readonly #name: string;
  readonly #series: Series<{ readonly counts: number[]; sum: number; count: number }>;

  constructor(name: string, help: string, labels: readonly string[] = []) {
    this.#name = name;
    this.#series = new Series({ name, help, labels }, () => ({ counts: BUCKETS.map(() => 0), sum: 0, count: 0 }));
  }

  observe(seconds: number, ...labels: string[]): void {
    const { value } = this.#series.at(labels);
    value.sum += seconds;
    value.count++;
    const bucket = BUCKETS.findIndex((bound) => seconds <= bound);
    if (bucket >= 0) value.counts[bucket] = (value.counts[bucket] ?? 0) + 1;
  }

  render(): string[] {
    return this.#series.lines('histogram', (labels, { counts, sum, count }) => {
      let below = 0;
      const more = labels === '' ? '' : `${labels},`;
      const buckets = BUCKETS.map((bound, index) => {
        below += counts[index] ?? 0;
        return `${this.#name}_bucket{${more}le="${bound}"} ${below}`;
      });
      return [
        ...buckets,
        `${this.#name}_bucket{${more}le="+Inf"} ${count}`,
        `${this.#name}_sum${braced(labels)} ${sum}`,
        `${this.#name}_count${braced(labels)} ${count}`,
      ];
    });
  }
}

function braced(labels: string): string {
  return labels === '' ? '' : `{${labels}}`;
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
