"""A working stand-in for Twilio. Imports point one way; each layer may use those below it, none above.

app                                        puts it together
set_aside, voice, control                  everything that is not REST; the controls, `/_fake/…`
rest/, signalling, verbs                   the doors: REST, a Device's frames, a document's verbs
originate, device_calls, conference        calls that begin, and how they come into a room
queue, recording, rooms/, outgoing …       what each verb does; who hears whom in a room
dialing, prompts, tape                     two legs together, what is played, what is recorded
switchboard, numbers, twiml_run, takes     who is called, TwiML carried out on a call, recordings
people, calls, device_end                  a leg, and a person or a browser at the end of one
ends, gateway, status_callbacks            who else is at its end, the sockets, who is told of it
parts                                      protocols: what calls, ends and sockets know of each other
webhooks                                   requests to customers' servers
app_keys, faults, catalogue, tokens …      what all share
store, sounds, twiml, refusals …           nothing of the fake's below
"""
