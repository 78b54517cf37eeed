/** The part of a site file that says where a service is watched. */
import Type from 'typebox'

export const Door = (whose: string) =>
  Type.Optional(
    Type.Object(
      {
        host: Type.String({ minLength: 1, default: '127.0.0.1', description: 'Address or host name.' }),
        port: Type.Integer({ minimum: 1, maximum: 65_535, description: 'Port.' }),
      },
      {
        additionalProperties: false,
        description: `Watches ${whose}: \`/metrics\` for Prometheus, \`/livez\`, \`/readyz\`.`,
      },
    ),
  )
