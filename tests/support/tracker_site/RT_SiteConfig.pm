# A Request Tracker for tests: all that it keeps is in $ENV{RTHOME}, and no mail leaves it.
Set($rtname, 'rt.test');
Set($Organization, 'rt.test');
Set($WebDomain, '127.0.0.1');
Set($WebPort, $ENV{RT_PORT});
Set($WebPath, '');
Set($Timezone, 'Europe/London');
Set($DatabaseType, 'SQLite');
Set($DatabaseName, "$ENV{RTHOME}/rt.sqlite");
Set($MailCommand, 'sendmailpipe');
Set($SendmailPath, '/bin/true');
Set($LogToSyslog, undef);
Set($LogToSTDERR, 'warning');
Set($WebSessionClass, 'Apache::Session::File');
Set($MasonDataDir, "$ENV{RTHOME}/mason");
Set($BcryptCost, 4);    # else each call with a token costs a fifth of a second
Set(%ServiceBusinessHours, (
    'Default' => { map { $_ => { Start => '9:00', End => '17:30' } } 1 .. 5 },
));
Set(%ServiceAgreements, (
    Default => 'Standard',
    Levels => {
        'Standard' => { Response => { BusinessMinutes => 240 }, Resolve => { BusinessMinutes => 1440 } },
        'Urgent' => { Response => { RealMinutes => 60 }, Resolve => { RealMinutes => 480 } },
    },
));
1;
