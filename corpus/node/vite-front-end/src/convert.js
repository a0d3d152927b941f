const kilometresPerMile = 1.609344;

export const toMiles = (kilometres) => kilometres / kilometresPerMile;
