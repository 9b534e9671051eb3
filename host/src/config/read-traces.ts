import type { TracesConfig } from './host-config.ts';

/**
 * The standard variables of OpenTelemetry. Spans go out as JSON over HTTP; a collector takes that at the same path as
 * protobuf, so only gRPC is refused.
 */
export function readTraces(
  env: Readonly<Record<string, string | undefined>>,
  problems: string[],
): TracesConfig | undefined {
  const url = tracesUrl(env);
  if (url === undefined || env.OTEL_SDK_DISABLED?.trim().toLowerCase() === 'true') return undefined;
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
    problems.push(`OTEL_EXPORTER_OTLP_ENDPOINT is "${url}"; set it to a URL such as http://127.0.0.1:4318.`);
  const protocol = env.OTEL_EXPORTER_OTLP_TRACES_PROTOCOL ?? env.OTEL_EXPORTER_OTLP_PROTOCOL;
  if (protocol?.trim() === 'grpc')
    problems.push('OTEL_EXPORTER_OTLP_PROTOCOL is "grpc"; this host speaks OTLP over HTTP, so set it to http/json.');
  const headers = env.OTEL_EXPORTER_OTLP_TRACES_HEADERS ?? env.OTEL_EXPORTER_OTLP_HEADERS ?? '';
  return { url, headers: readHeaders(headers, problems), serviceName: env.OTEL_SERVICE_NAME?.trim() || 'northstar' };
}

/** The signal's own endpoint is taken as it is; the general one gets the signal's path. */
function tracesUrl(env: Readonly<Record<string, string | undefined>>): string | undefined {
  const own = env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT?.trim();
  if (own) return own;
  const general = env.OTEL_EXPORTER_OTLP_ENDPOINT?.trim();
  return general ? `${general.replace(/\/+$/, '')}/v1/traces` : undefined;
}

/** `name=value,name=value`, values percent-encoded. */
function readHeaders(text: string, problems: string[]): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const pair of text.split(',').filter((part) => part.trim() !== '')) {
    const [name = '', ...rest] = pair.split('=');
    try {
      const value = decodeURIComponent(rest.join('=').trim());
      new Headers([[name.trim(), value]]);
      headers[name.trim()] = value;
    } catch {
      // The value is a secret more often than not, so only the name is told.
      problems.push(`OTEL_EXPORTER_OTLP_HEADERS has "${name.trim()}", which is no header of the form name=value.`);
    }
  }
  return headers;
}
