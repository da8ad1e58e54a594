// @ts-check
/** All that runs on the phone's page: the phone itself first, then what its panes do beyond their markup. */

import "../phone/main.js";
import "../submit.js";
import "../toasts.js";
import "../twilio/errands.js";
import "../twilio/fold.js";
import "../doctor/doctor.js";
import "../recordings/player.js";
import "../recordings/switches.js";
import "../contacts/rows.js";
