#!/bin/sh
# receipt <amount>…: each with tax, and the sum
set -eu

sum=0
for amount; do
  with_tax=$(tax "$amount")
  printf '%6s\n' "$with_tax"
  sum=$(echo "$sum + $with_tax" | bc)
done
printf -- '--------\n%6s\n' "$sum"
