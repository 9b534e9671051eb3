/** What a number is about. */
export interface KpiDefinition {
  readonly kpi_name: string;
  readonly unit: string;
  readonly description: string;
  readonly updated_by: string;
  readonly updated_at: string;
}

/** The bounds that a KPI must stay in, itself included; for one surface, or for all that have none of their own. */
export interface KpiCorridor {
  readonly kpi_name: string;
  readonly surface?: string;
  readonly floor?: number;
  readonly ceiling?: number;
  readonly updated_by: string;
  readonly updated_at: string;
}

/** One raw measurement, of one surface or of the whole tenant. */
export interface KpiMeasurement {
  readonly kpi_name: string;
  readonly surface?: string;
  readonly value: number;
  /** When it was measured, ISO 8601 UTC. */
  readonly at: string;
  readonly reported_by: string;
}

/** Ties a scope to a KPI: while the KPI is outside of its corridor, the scope is refused. */
export interface KpiBinding {
  readonly tool_id: string;
  /** A scope, resource or prompt of the tool, or `*` for all of them. */
  readonly scope_name: string;
  readonly kpi_name: string;
  readonly updated_by: string;
  readonly updated_at: string;
}
