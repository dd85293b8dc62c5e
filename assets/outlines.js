// Outlines of countries (Natural Earth, 1:110 m) as GeoJSON, for maps without tiles.
import { feature } from "topojson-client";
import world from "world-atlas/countries-110m.json";

export const countries = feature(world, world.objects.countries);
