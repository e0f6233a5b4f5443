import { ENRICHMENT_FIELDS } from '../../ecs/fields/enrichment.js';
const GEO = 'source.geo';
/** What geoip looks up there. */
const GEO_PROPERTIES = Object.keys(ENRICHMENT_FIELDS)
    .filter((name) => name.startsWith(`${GEO}.`))
    .map((name) => name.slice(GEO.length + 1));
/** What happens to an event on the server before it is stored. A step that fails leaves the event as it is, with a tag. */
export function ingestPipeline({ geoip, customPipeline }) {
    const noted = (tag) => ({
        append: { tag: `${tag}-failed`, field: 'tags', value: `_${tag}_failed`, allow_duplicates: false },
    });
    return {
        description: 'MQTT events of brokertap: when they were stored, where the address of the client is',
        processors: [
            {
                set: {
                    tag: 'time',
                    description: 'A document of another sender may have none, and a data stream needs it',
                    field: '@timestamp',
                    value: '{{{_ingest.timestamp}}}',
                    override: false,
                },
            },
            {
                set: {
                    tag: 'ingested',
                    field: 'event.ingested',
                    value: '{{{_ingest.timestamp}}}',
                    on_failure: [noted('ingested')],
                },
            },
            ...(geoip
                ? [
                    {
                        geoip: {
                            tag: 'geo',
                            field: 'source.ip',
                            target_field: GEO,
                            properties: GEO_PROPERTIES,
                            ignore_missing: true,
                            on_failure: [noted('geo')],
                        },
                    },
                ]
                : []),
            ...(customPipeline
                ? [
                    {
                        pipeline: {
                            tag: 'custom',
                            description: 'Yours, if there is one',
                            name: 'mqtt@custom',
                            ignore_missing_pipeline: true,
                        },
                    },
                ]
                : []),
        ],
        on_failure: [
            {
                append: {
                    tag: 'failed',
                    field: 'tags',
                    value: '_ingest_pipeline_failed',
                    allow_duplicates: false,
                },
            },
        ],
    };
}
