// Written with the trip card.
"use strict";
