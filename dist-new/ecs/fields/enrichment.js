/** What the ingest pipeline of the search server adds: where the address of the client is, after its database. */
export const ENRICHMENT_FIELDS = {
    'source.geo.continent_name': { type: 'keyword', description: 'Continent of the client’s address' },
    'source.geo.country_name': { type: 'keyword', description: 'Country of the client’s address' },
    'source.geo.country_iso_code': { type: 'keyword', description: 'Its code, ISO 3166-1 alpha-2' },
    'source.geo.region_name': { type: 'keyword', description: 'Region of the client’s address' },
    'source.geo.region_iso_code': { type: 'keyword', description: 'Its code, ISO 3166-2' },
    'source.geo.city_name': { type: 'keyword', description: 'City of the client’s address' },
    'source.geo.location': { type: 'geo_point', description: 'Latitude and longitude of the client’s address' },
};
